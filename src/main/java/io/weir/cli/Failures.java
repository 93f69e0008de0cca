package io.weir.cli;

import io.weir.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user is told when a command cannot do what it should, and the exit status. */
final class Failures {

  private Failures() {}

  /** A line that says what is wrong and where to read on. */
  static int wrongUsage(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    command
        .getErr()
        .println(
            "weir: %s%s (see %s --help)"
                .formatted(
                    failure.getMessage(),
                    didYouMean(failure),
                    command.getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  /** A line for each problem, or the stack of what nobody had thought of. */
  static int failed(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    switch (failure) {
      case ConfigException refused -> {
        refused.problems().forEach(problem -> err.println("weir: " + problem));
        return ExitCode.USAGE;
      }
      case IOException tried -> err.println("weir: " + tried.getMessage());
      default -> failure.printStackTrace(err);
    }
    return ExitCode.SOFTWARE;
  }

  private static String didYouMean(ParameterException failure) {
    List<String> suggestions =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return suggestions.isEmpty() ? "" : "; did you mean " + suggestions.getFirst() + "?";
  }
}
