package io.weir.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.weir.config.UpstreamConfig;
import io.weir.config.UpstreamConfig.Tls;
import io.weir.tls.Certificates;
import io.weir.tls.PemFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the connections to one upstream are trusted: what the files of {@code upstreams.NAME.tls}
 * held when they could last be used. They are read for the first connection, and again when they
 * have changed; then they are taken as a whole or not at all. Thread-safe.
 */
final class ClientTls {

  private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);

  private final String upstream;
  private final Tls config;
  private final Duration handshakeLimit;
  private final Vertx vertx;
  private final InstantSource clock;
  private volatile @Nullable Options options; // written under this

  /**
   * With the content of the files, by which Vert.x tells one connection's options from another's.
   */
  private record Options(ClientSSLOptions toOwn, ClientSSLOptions toOthers) {}

  ClientTls(UpstreamConfig upstream, Vertx vertx, InstantSource clock) {
    this.upstream = upstream.name();
    this.config = upstream.tls();
    this.handshakeLimit = upstream.timeouts().connect();
    this.vertx = vertx;
    this.clock = clock;
  }

  /** The files, if there are any. */
  List<Path> files() {
    return Stream.of(config.ca(), config.clientCert(), config.clientKey())
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }

  /**
   * For the upstream's own hosts: they are shown the client certificate.
   *
   * @throws IOException where a file cannot be used, and never could
   */
  ClientSSLOptions toOwn() throws IOException {
    return options().toOwn;
  }

  /**
   * For hosts to which it redirects.
   *
   * @throws IOException where a file cannot be used, and never could
   */
  ClientSSLOptions toOthers() throws IOException {
    return options().toOthers;
  }

  private Options options() throws IOException {
    Options known = options;
    return known == null ? first() : known;
  }

  private synchronized Options first() throws IOException {
    Options known = options;
    if (known == null) {
      known = read();
      options = known;
    }
    return known;
  }

  /** Reads the files again, if they have been read. What cannot be used changes nothing. */
  synchronized void reread() {
    Options known = options;
    if (known == null || files().isEmpty()) {
      return;
    }
    try {
      Options fresh = read();
      if (!fresh.equals(known)) {
        refuseExpired();
        options = fresh;
        LOG.info("{}: new connections are by its changed TLS files", upstream);
      }
    } catch (IOException e) {
      LOG.warn("{}: its TLS files stay as they were: {}", upstream, e.getMessage());
    }
  }

  private void refuseExpired() throws IOException {
    Path file = config.clientCert();
    if (file != null) {
      X509Certificate own = PemFile.read(file).certificates().getFirst();
      Optional<String> why = Certificates.whyNotValid(own, clock.instant());
      if (why.isPresent()) {
        throw new IOException("client-cert: the certificate in %s %s".formatted(file, why.get()));
      }
    }
  }

  private Options read() throws IOException {
    ClientSSLOptions toOthers =
        new ClientSSLOptions()
            .setSslHandshakeTimeout(handshakeLimit.toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTrustAll(config.insecureSkipVerify())
            .setHostnameVerificationAlgorithm(config.insecureSkipVerify() ? "" : "HTTPS");
    Path ca = config.ca();
    if (ca != null) {
      toOthers.setTrustOptions(new PemTrustOptions().addCertValue(certificates("ca", ca)));
    }
    ClientSSLOptions toOwn = toOthers.copy();
    Path certificate = config.clientCert();
    Path key = config.clientKey();
    if (certificate != null && key != null) {
      toOwn.setKeyCertOptions(keyAndCertificate(certificate, key));
    }
    return new Options(toOwn, toOthers);
  }

  private static Buffer certificates(String name, Path path) throws IOException {
    try {
      PemFile file = PemFile.read(path);
      List<X509Certificate> _ = file.certificates(); // for the message of what is broken
      return content(file);
    } catch (IOException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  private static Buffer content(PemFile file) {
    return Buffer.buffer(file.text().getBytes(StandardCharsets.ISO_8859_1));
  }

  private PemKeyCertOptions keyAndCertificate(Path certificate, Path key) throws IOException {
    PemKeyCertOptions both =
        new PemKeyCertOptions()
            .addCertValue(certificates("client-cert", certificate))
            .addKeyValue(content(PemFile.read(key)));
    try {
      for (KeyManager manager : both.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager read && !isPair(read, certificate)) {
          throw new IOException(
              "client-key: %s is not the key of the first certificate in %s"
                  .formatted(key, certificate));
        }
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // whatever it is, it is about the key
      throw new IOException("client-key: %s cannot be used (%s)".formatted(key, e.getMessage()), e);
    }
    return both;
  }

  private static boolean isPair(X509KeyManager read, Path certificate) throws IOException {
    X509Certificate own = PemFile.read(certificate).certificates().getFirst();
    String[] aliases = read.getClientAliases(own.getPublicKey().getAlgorithm(), null);
    PrivateKey key = aliases == null ? null : read.getPrivateKey(aliases[0]);
    return key != null && Certificates.belongTogether(key, own);
  }
}
