package io.weir;

import io.vertx.core.Vertx;
import io.weir.admin.AdminServer;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.metrics.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A server that listens and answers operators; pulls are not answered yet. */
public final class Weir implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final ServerSocket registry = new ServerSocket();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AdminServer admin;

  private Weir(Config config) throws IOException {
    admin =
        new AdminServer(
            vertx,
            config.admin().listen(),
            new Metrics(Version.current()),
            () -> draining.get() ? Optional.of("draining") : Optional.empty());
  }

  /** Listens; returns when it does. */
  public static Weir start(Config config, InstantSource clock, Map<String, String> environment)
      throws IOException {
    Weir weir = new Weir(config);
    try {
      weir.admin.start();
      weir.listen(config.registry().listen());
      return weir;
    } catch (IOException e) {
      weir.close();
      throw e;
    }
  }

  private void listen(Address address) throws IOException {
    try {
      registry.bind(new InetSocketAddress(address.host(), address.port()));
    } catch (IOException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
  }

  public InetSocketAddress registryAddress() {
    return (InetSocketAddress) registry.getLocalSocketAddress();
  }

  public Map<String, InetSocketAddress> upstreamAddresses() {
    return Map.of();
  }

  public InetSocketAddress adminAddress() {
    return admin.address();
  }

  /** Stops accepting pulls. */
  public void drain() throws InterruptedException {
    draining.set(true);
  }

  @Override
  public void close() {
    admin.close();
    try {
      registry.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
