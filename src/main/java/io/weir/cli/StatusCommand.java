package io.weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir status}. */
@Command(name = "status", description = "Says how the server is: store, hits, upstreams.")
final class StatusCommand implements Callable<Integer> {

  private static final int WATCH_SECONDS = 2;

  // ECMA-48: nothing is cleared before something stands in its place, so nothing flickers.
  private static final String TO_TOP = "\u001b[H";
  private static final String CLEAR_LINE_REST = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(
      names = "--watch",
      description = "Says it again every two seconds, with what is on its way, until interrupted.")
  private boolean watch;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (AdminClient client = admin.connect(terminal.environment())) {
      StatusView first = StatusView.ask(client);
      show(first, null);
      if (watch) {
        goOn(client, first);
      }
      return 0;
    }
  }

  private void goOn(AdminClient client, StatusView first) throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Signals.handle("INT", stopped::countDown);
    StatusView before = first;
    while (!stopped.await(WATCH_SECONDS, TimeUnit.SECONDS)) {
      try {
        StatusView now = StatusView.ask(client);
        show(now, before);
        before = now;
      } catch (IOException e) {
        // It may be starting anew.
        write(terminal.alarming(String.valueOf(e.getMessage())) + System.lineSeparator());
      }
    }
  }

  private void show(StatusView now, @Nullable StatusView before) {
    if (json) {
      terminal.out().println(now.status().toPrettyString());
      terminal.out().flush();
      return;
    }
    StringWriter text = new StringWriter();
    PrintWriter page = new PrintWriter(text);
    new StatusPage(terminal, page).print(now, Optional.ofNullable(before), watch);
    page.flush();
    write(text.toString());
  }

  private void write(String page) {
    if (watch && terminal.isInteractive()) {
      String lines = page.replace(System.lineSeparator(), CLEAR_LINE_REST + System.lineSeparator());
      terminal.out().print(TO_TOP + lines + CLEAR_BELOW);
    } else {
      terminal.out().print(page);
    }
    terminal.out().flush();
  }
}
