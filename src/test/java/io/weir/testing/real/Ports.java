package io.weir.testing.real;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of loopback, for programs that cannot be told to take any. They lie below the
 * range from which Linux takes the ports of outgoing connections (32768 and up), so that a server
 * which is stopped for a while finds its port again.
 */
final class Ports {

  private static final int LOWEST = 20_000;
  private static final int BELOW = 32_000;
  private static final int TRIES = 100;

  private Ports() {}

  static int free() {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BELOW);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port from %d to %d".formatted(LOWEST, BELOW));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.isBound();
    } catch (IOException _) {
      return false;
    }
  }
}
