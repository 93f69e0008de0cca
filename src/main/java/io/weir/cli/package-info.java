/**
 * The command line. {@link io.weir.cli.Main} is the entry; each command is a class that returns the
 * exit status: 0 done, 1 it ran and failed, 2 wrong usage or configuration. Errors go to standard
 * error.
 */
@NullMarked
package io.weir.cli;

import org.jspecify.annotations.NullMarked;
