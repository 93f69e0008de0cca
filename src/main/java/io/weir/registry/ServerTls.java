package io.weir.registry;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.config.UpstreamConfig;
import io.weir.tls.Certificates;
import io.weir.tls.PemFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS that the listeners speak: 1.2 and 1.3, by BoringSSL, or by the JDK on a machine for which
 * there is no build of it. ALPN offers HTTP/1.1 and HTTP/2.
 *
 * @param config the files that it was read from
 * @param context what new connections use
 * @param chain what clients are shown, the server's own certificate first
 * @param clientCa whose signature a client's certificate has to have; empty lets everybody in
 */
record ServerTls(
    Config.Tls config,
    SslContext context,
    List<X509Certificate> chain,
    List<X509Certificate> clientCa) {

  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  /**
   * Reads the files, where there are any. Certificates that are not valid now are no reason to
   * refuse them here.
   *
   * @throws ConfigException where a file cannot be used, with all such files and the reasons
   */
  static Optional<ServerTls> open(Config.Registry registry) {
    return registry
        .tls()
        .map(files ->
            new Reading(files).open(registry.preferHttp2(), !registry.letsInWithoutCertificate()));
  }

  /** The server's own certificate. */
  X509Certificate own() {
    return chain.getFirst();
  }

  /** Why clients will refuse the server's certificate now: its time; empty where they will not. */
  Optional<String> whyInvalid(Instant now) {
    return Certificates.whyNotValid(own(), now)
        .map(why -> "registry.tls.cert: the certificate in %s %s".formatted(config.cert(), why));
  }

  /** Why no client will be let in now. Of several authorities one that is valid will do. */
  Optional<String> whyClientCaInvalid(Instant now) {
    boolean isAnyValid =
        clientCa.stream().anyMatch(ca -> Certificates.whyNotValid(ca, now).isEmpty());
    return isAnyValid
        ? Optional.empty()
        : clientCa.stream()
            .findFirst()
            .flatMap(ca -> Certificates.whyNotValid(ca, now))
            .map(why ->
                "registry.tls.client-ca: the certificate in %s %s"
                    .formatted(config.clientCa().orElseThrow(), why));
  }

  /** The names in {@code upstreams.NAME.hosts} for which clients will not take the certificate. */
  List<String> uncovered(Collection<UpstreamConfig> upstreams) {
    List<String> reasons = new ArrayList<>();
    for (UpstreamConfig upstream : upstreams) {
      for (String host : upstream.hosts()) {
        if (!Certificates.covers(own(), host)) {
          reasons.add(
              "upstreams.%s.hosts: the certificate in %s is not for %s, so clients will refuse it"
                  .formatted(upstream.name(), config.cert(), host));
        }
      }
    }
    return reasons;
  }

  private static SslProvider provider() {
    if (OpenSsl.isAvailable()) {
      return SslProvider.OPENSSL;
    }
    LOG.warn("there is no BoringSSL for this machine: TLS is the JDK's, which takes more CPU");
    return SslProvider.JDK;
  }

  /** The server's order decides: the first of these that the client knows. */
  private static ApplicationProtocolConfig protocols(boolean preferHttp2) {
    String http1 = ApplicationProtocolNames.HTTP_1_1;
    String http2 = ApplicationProtocolNames.HTTP_2;
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        preferHttp2 ? List.of(http2, http1) : List.of(http1, http2));
  }

  /** One reading of the files, which goes on after the first problem. */
  private static final class Reading {

    private final Config.Tls config;
    private final List<String> problems = new ArrayList<>();

    Reading(Config.Tls config) {
      this.config = config;
    }

    ServerTls open(boolean preferHttp2, boolean needsCertificate) {
      List<X509Certificate> chain = certificates("cert", config.cert());
      Optional<PrivateKey> key = key(config.key());
      List<X509Certificate> clientCa =
          config.clientCa().map(path -> certificates("client-ca", path)).orElse(List.of());
      if (key.isPresent()
          && !chain.isEmpty()
          && !Certificates.belongTogether(key.get(), chain.getFirst())) {
        problem(
            "key", config.key() + " is not the key of the first certificate in " + config.cert());
      }
      if (key.isEmpty() || !problems.isEmpty()) {
        throw new ConfigException(problems);
      }
      try {
        SslContextBuilder builder =
            SslContextBuilder.forServer(key.get(), chain)
                .sslProvider(provider())
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(protocols(preferHttp2));
        if (!clientCa.isEmpty()) {
          builder
              .trustManager(clientCa)
              .clientAuth(needsCertificate ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        }
        return new ServerTls(config, builder.build(), chain, clientCa);
      } catch (SSLException e) {
        problem("cert", config.cert() + " cannot be used (" + e.getMessage() + ")");
        throw new ConfigException(problems);
      }
    }

    private List<X509Certificate> certificates(String name, Path path) {
      try {
        return PemFile.read(path).certificates();
      } catch (IOException e) {
        problem(name, String.valueOf(e.getMessage()));
        return List.of();
      }
    }

    private Optional<PrivateKey> key(Path path) {
      try {
        return Optional.of(PemFile.read(path).privateKey());
      } catch (IOException e) {
        problem("key", String.valueOf(e.getMessage()));
        return Optional.empty();
      }
    }

    private void problem(String key, String message) {
      problems.add("registry.tls." + key + ": " + message);
    }
  }
}
