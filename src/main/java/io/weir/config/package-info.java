/**
 * The configuration: what a user may write, and the immutable values that the rooms of the server
 * are built from.
 *
 * <p>{@link io.weir.config.ConfigLoader} finds and reads it, {@link io.weir.config.Config} is the
 * value. Every key is declared once, in {@code ConfigSchema}: the reader, its messages, the JSON
 * Schema and the reference in {@code docs/configuration.md} follow from there. An empty file is a
 * complete configuration. Nothing here opens a socket or reads a secret: secrets stay references
 * until they are used.
 */
@NullMarked
package io.weir.config;

import org.jspecify.annotations.NullMarked;
