package io.weir.registry;

import io.weir.logging.AccessEntry;
import io.weir.oci.Origin;
import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The access log, logger {@code weir.access}: one line for each answer, when it has ended. */
final class AccessLog {

  private static final Logger LOG = LoggerFactory.getLogger(AccessEntry.LOGGER);

  private AccessLog() {}

  static void write(Exchange exchange) {
    if (!LOG.isInfoEnabled()) {
      return;
    }
    Origin origin = exchange.origin();
    InetAddress client = exchange.client();
    LOG.info(
        "request",
        new AccessEntry(
            client == null ? "" : client.getHostAddress(),
            exchange.user(),
            exchange.request().method().name(),
            origin == null ? "" : origin.upstream(),
            origin == null ? "" : origin.repository().name(),
            exchange.kind().label(),
            exchange.reference(),
            exchange.httpStatus(),
            exchange.bodyBytes(),
            exchange.seconds(),
            exchange.cacheHeader(),
            exchange.isAborted(),
            exchange.span().traceId()));
  }
}
