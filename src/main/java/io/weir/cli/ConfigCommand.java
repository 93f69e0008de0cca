package io.weir.cli;

import picocli.CommandLine.Command;

/** {@code weir config}: only what its subcommands do. */
@Command(
    name = "config",
    description = "Checks the configuration, or describes what it may hold.",
    synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand {}
