package io.weir.registry;

import io.netty.handler.ssl.SslContext;
import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.metrics.CertificateUse;
import io.weir.metrics.Metrics;
import io.weir.tls.Certificates;
import io.weir.watch.FileWatch;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of connections that come now: what the files of {@code registry.tls} held when they could
 * last be used. They are read at the start, when the configuration is, and when they have changed,
 * and are taken as a whole or not at all. Connections that are there keep what they came with.
 *
 * <p>An expired certificate is taken at the start, with an error in the log: some clients do not
 * look, and a server that does not start again at night helps none. It is refused in the place of
 * another. Thread-safe.
 */
final class TlsFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);

  private final FileWatch watch;
  private final InstantSource clock;
  private final Metrics metrics;
  private volatile @Nullable ServerTls current; // written under this

  // All guarded by this.
  private Config config;
  private FileWatch.@Nullable Watched watched;
  private List<Expiry> expiries = List.of();
  private List<String> refused = List.of();

  /**
   * Reads the files, where there are any.
   *
   * @throws ConfigException where one cannot be used
   */
  TlsFiles(Config config, FileWatch watch, InstantSource clock, Metrics metrics) {
    this.watch = watch;
    this.clock = clock;
    this.metrics = metrics;
    this.config = config;
    use(config);
  }

  /** What a connection that comes now speaks; null for no TLS. */
  @Nullable SslContext context() {
    ServerTls tls = current;
    return tls == null ? null : tls.context();
  }

  /**
   * Goes on by the files of another configuration, and reads those of the same anew.
   *
   * @throws ConfigException where one cannot be used; nothing has changed then
   */
  synchronized void use(Config next) {
    // Before they are read, so that no change is missed.
    FileWatch.Watched fresh =
        next.registry().tls().map(tls -> watch.on(files(tls), this::changed)).orElse(null);
    try {
      take(next);
    } catch (ConfigException e) {
      close(fresh);
      throw e;
    }
    close(watched);
    watched = fresh;
    config = next;
  }

  private static List<Path> files(Config.Tls tls) {
    List<Path> files = new ArrayList<>(List.of(tls.cert(), tls.key()));
    tls.clientCa().ifPresent(files::add);
    return files;
  }

  /** On the watch's thread. What is said of a file is said once. */
  private synchronized void changed() {
    try {
      take(config);
    } catch (ConfigException e) {
      if (!e.problems().equals(refused)) {
        e.problems()
            .forEach(problem -> LOG.warn("the certificates stay as they were: {}", problem));
      }
      refused = e.problems();
    }
  }

  private void take(Config next) {
    @Nullable ServerTls before = current;
    @Nullable ServerTls tls = ServerTls.open(next.registry()).orElse(null);
    if (tls != null && before != null) {
      refuseInvalid(before, tls);
    }
    current = tls;
    refused = List.of();
    expiries = tls == null ? List.of() : expiries(tls);
    for (CertificateUse use : CertificateUse.values()) {
      metrics.certificateExpiry(use, end(use));
    }
    if (tls != null) {
      tell(tls, next, before == null || !before.own().equals(tls.own()));
    }
  }

  /** What is in force may be as bad: it stays. */
  private void refuseInvalid(ServerTls before, ServerTls next) {
    Instant now = clock.instant();
    List<String> reasons = new ArrayList<>();
    if (!next.own().equals(before.own())) {
      next.whyInvalid(now).ifPresent(reasons::add);
    }
    if (!next.clientCa().equals(before.clientCa())) {
      next.whyClientCaInvalid(now).ifPresent(reasons::add);
    }
    if (!reasons.isEmpty()) {
      throw new ConfigException(reasons);
    }
  }

  private static List<Expiry> expiries(ServerTls tls) {
    List<Expiry> expiries = new ArrayList<>();
    Config.Tls files = tls.config();
    expiries.add(new Expiry(CertificateUse.SERVER, files.cert(), tls.chain()));
    files
        .clientCa()
        .ifPresent(
            file -> expiries.add(new Expiry(CertificateUse.CLIENT_CA, file, tls.clientCa())));
    return expiries;
  }

  private @Nullable Instant end(CertificateUse use) {
    return expiries.stream()
        .filter(expiry -> expiry.use() == use)
        .map(Expiry::end)
        .findFirst()
        .orElse(null);
  }

  private void tell(ServerTls tls, Config next, boolean isOther) {
    if (isOther) {
      LOG.atInfo()
          .addKeyValue("file", tls.config().cert().toString())
          .addKeyValue("names", Certificates.names(tls.own()))
          .addKeyValue("end", tls.own().getNotAfter().toInstant())
          .log("new connections get the certificate of registry.tls.cert");
    }
    if (clock.instant().isBefore(tls.own().getNotBefore().toInstant())) {
      tls.whyInvalid(clock.instant()).ifPresent(reason -> LOG.error("{}", reason));
    }
    tls.uncovered(next.upstreams().values()).forEach(reason -> LOG.warn("{}", reason));
    look();
  }

  /**
   * Says in the log what nears its end, and has files that were refused tried again: a certificate
   * may have become valid, a file readable. Blocks for no file, and is to be called now and then.
   */
  synchronized void look() {
    Instant now = clock.instant();
    expiries.forEach(expiry -> expiry.look(now));
    if (!refused.isEmpty() && watched != null) {
      watched.again();
    }
  }

  /**
   * What a user should know of {@code config} who is about to start a server with it: certificates
   * that are not valid, and names that they are not for.
   *
   * @throws ConfigException where a file of it cannot be used
   */
  static List<String> warnings(Config config, Instant now) {
    return ServerTls.open(config.registry())
        .map(tls -> {
          List<String> warnings = new ArrayList<>();
          tls.whyInvalid(now).ifPresent(warnings::add);
          tls.whyClientCaInvalid(now).ifPresent(warnings::add);
          warnings.addAll(tls.uncovered(config.upstreams().values()));
          return warnings;
        })
        .orElse(new ArrayList<>());
  }

  private static void close(FileWatch.@Nullable Watched watched) {
    if (watched != null) {
      watched.close();
    }
  }

  /** Looks at the files no longer. */
  @Override
  public synchronized void close() {
    close(watched);
  }
}
