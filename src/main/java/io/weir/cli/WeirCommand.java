package io.weir.cli;

import io.weir.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** {@code weir}: only what its subcommands do. */
@Command(
    name = "weir",
    description = "A pull-through cache for container images and OCI artifacts.",
    versionProvider = WeirCommand.VersionLine.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:it ran and failed", "2:wrong usage or configuration"})
final class WeirCommand {

  /** What {@code --version} prints. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"weir " + Version.current() + " (Java " + Runtime.version() + ")"};
    }
  }
}
