/**
 * The registry API, as clients see it: OCI distribution-spec 1.1, the read side, over HTTP/1.1 and
 * HTTP/2, plain and in TLS.
 *
 * <p>{@link io.weir.registry.RegistryServer} listens, {@link io.weir.registry.ConnectionSetup}
 * makes each connection, in the TLS of {@link io.weir.registry.ServerTls}, which {@link
 * io.weir.registry.TlsFiles} keeps up with its files. A request goes {@link
 * io.weir.registry.ConnectionHandler} (requests, one at a time) → {@link io.weir.registry.Routes}
 * and {@link io.weir.registry.Addressing} (which upstream, which repository) → {@link
 * io.weir.registry.Endpoints} (what is answered) → {@link io.weir.registry.Exchange} (headers,
 * errors, the log line) and, for blobs, {@link io.weir.registry.BlobEndpoint} with {@link
 * io.weir.registry.BlobBody} (files to clients, as their {@link io.weir.registry.Wire} takes them)
 * or {@link io.weir.registry.PassingBody} (upstream to a socket).
 *
 * <p>It runs on Netty event loops and never blocks; what memory cannot answer is asked of the cache
 * on a virtual thread, and the answer comes back to the connection's own event loop. What passes
 * the disk by is sent from a virtual thread of its own.
 */
@NullMarked
package io.weir.registry;

import org.jspecify.annotations.NullMarked;
