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
import io.weir.tls.PemFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS that the listeners speak: 1.2 and 1.3, by BoringSSL, or by the JDK on a machine for which
 * there is no build of it. ALPN offers HTTP/1.1 and HTTP/2.
 */
final class ServerTls {

  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  private final List<String> problems = new ArrayList<>();

  private ServerTls() {}

  /**
   * Reads the files and makes of them what new connections use.
   *
   * @param preferHttp2 whether a client that offers both gets HTTP/2
   * @throws ConfigException where a file cannot be used, with all such files and the reasons
   */
  static SslContext open(Config.Tls config, boolean preferHttp2) {
    return new ServerTls().read(config, preferHttp2);
  }

  private SslContext read(Config.Tls config, boolean preferHttp2) {
    List<X509Certificate> chain = certificates("cert", config.cert());
    Optional<PrivateKey> key = key(config.key());
    List<X509Certificate> clientCa =
        config.clientCa().map(path -> certificates("client-ca", path)).orElse(List.of());
    if (key.isPresent() && !chain.isEmpty() && !belongTogether(key.get(), chain.getFirst())) {
      problem("key", config.key() + " is not the key of the first certificate in " + config.cert());
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
        builder.trustManager(clientCa).clientAuth(ClientAuth.REQUIRE);
      }
      return builder.build();
    } catch (SSLException e) {
      problem("cert", config.cert() + " cannot be used (" + e.getMessage() + ")");
      throw new ConfigException(problems);
    }
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

  /** Whether what the key signs is what the certificate's holder signed. */
  private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    PublicKey claimed = certificate.getPublicKey();
    byte[] sample = {1};
    try {
      Signature signature = Signature.getInstance(signatureBy(claimed));
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(claimed);
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false; // such as a key of another kind
    }
  }

  private static String signatureBy(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
  }
}
