/**
 * What container runtimes need to be told so that they pull through this server.
 *
 * <p>{@link io.weir.clients.Mirror#of} derives, in one place, how nodes see the server; a {@link
 * io.weir.clients.ContainerRuntime} makes files of it. Everything here is a value or makes values
 * of values: nothing is read, written or asked. No secret passes through: where one belongs, the
 * files have {@code USERNAME} and {@code PASSWORD} to be replaced.
 */
@NullMarked
package io.weir.clients;

import org.jspecify.annotations.NullMarked;
