package io.weir.registry;

import io.netty.channel.Channel;
import io.weir.oci.Origin;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The access log, logger {@code weir.access}: one line for each answer, when it has ended. */
final class AccessLog {

  private static final Logger LOG = LoggerFactory.getLogger("weir.access");

  private AccessLog() {}

  static void write(Exchange exchange) {
    if (!LOG.isInfoEnabled()) {
      return;
    }
    Origin origin = exchange.origin();
    LOG.atInfo()
        .addKeyValue("client", client(exchange.context().channel()))
        .addKeyValue("method", exchange.request().method().name())
        .addKeyValue("upstream", origin == null ? "" : origin.upstream())
        .addKeyValue("repository", origin == null ? "" : origin.repository().name())
        .addKeyValue("kind", exchange.kind().label())
        .addKeyValue("reference", exchange.reference())
        .addKeyValue("status", exchange.httpStatus())
        .addKeyValue("bytes", exchange.bodyBytes())
        .addKeyValue("seconds", Math.round(exchange.seconds() * 1e6) / 1e6)
        .addKeyValue("cache", exchange.cacheHeader())
        .addKeyValue("aborted", exchange.isAborted())
        .log("request");
  }

  private static String client(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress address
            && address.getAddress() != null
        ? address.getAddress().getHostAddress()
        : "";
  }
}
