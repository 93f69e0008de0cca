/**
 * Drivers of real programs for tests and benchmarks: registries, container runtimes, a web server.
 *
 * <p>Everything runs as the user of the test (the container runtimes need root), without systemd,
 * on loopback and free ports, each instance with temporary folders and sockets of its own, so it
 * disturbs neither the machine's daemons nor a second run beside it. Nothing here runs a container;
 * images are pulled and unpacked.
 *
 * <p>Entry types: {@link io.weir.testing.real.DockerRegistry} and {@link
 * io.weir.testing.real.Nginx} are servers, {@link io.weir.testing.real.ImageClient} is what pulls,
 * {@link io.weir.testing.real.TestImages} makes what is pulled. A test class carries {@link
 * io.weir.testing.real.RealTest} and names what it needs with {@link
 * io.weir.testing.real.Programs#require}, so that it is skipped, visibly, where a program is not
 * installed.
 *
 * <p>No program started here reaches the Internet: anything but loopback goes to a proxy that does
 * not exist, and so fails at once instead of hanging or, worse, working.
 */
@NullMarked
package io.weir.testing.real;

import org.jspecify.annotations.NullMarked;
