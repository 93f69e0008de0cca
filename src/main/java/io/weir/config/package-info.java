/**
 * The configuration: what a user may write, and the immutable values that the rooms of the server
 * are built from.
 *
 * <p>{@link io.weir.config.Config} is the value; every key has its default there or in the schema,
 * so an empty file is a complete configuration. Nothing here opens a socket or reads a secret:
 * secrets stay references until they are used.
 */
@NullMarked
package io.weir.config;

import org.jspecify.annotations.NullMarked;
