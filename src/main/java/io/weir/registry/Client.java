package io.weir.registry;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection comes from.
 *
 * @param address null where the connection was gone before anybody looked
 * @param text the address as text, made once; empty where there is none
 */
record Client(@Nullable InetAddress address, String text) {

  static final Client UNKNOWN = new Client(null, "");

  /** That of a connection, or of a stream on one. */
  static Client of(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress remote
        ? new Client(remote.getAddress(), remote.getAddress().getHostAddress())
        : UNKNOWN;
  }
}
