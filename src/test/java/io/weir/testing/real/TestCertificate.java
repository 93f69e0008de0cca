package io.weir.testing.real;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for {@code localhost} and {@code 127.0.0.1}, valid for two days, with
 * its key, in PEM files. It may sign itself, so that Go programs take it as their own authority.
 *
 * @param certificate the PEM file of the certificate
 * @param key the PEM file of the private key, PKCS #8
 */
public record TestCertificate(Path certificate, Path key, SSLContext trusting) {

  private static final String ALIAS = "weir";
  private static final String PASSWORD = "changeit";

  /** Makes one with the JDK's keytool: the JDK has no public API that signs certificates. */
  public static TestCertificate selfSigned(Path folder) {
    try {
      Path keyStoreFile = folder.resolve("keys.p12");
      String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
      Command.of(keytool, "-genkeypair", "-alias", ALIAS)
          .with("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2")
          .with("-dname", "CN=localhost", "-ext", "SAN=dns:localhost,ip:127.0.0.1")
          .with("-ext", "BC=ca:true", "-storetype", "PKCS12")
          .with("-keystore", keyStoreFile.toString(), "-storepass", PASSWORD)
          .run()
          .orFail();
      KeyStore keyStore = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(keyStoreFile)) {
        keyStore.load(in, PASSWORD.toCharArray());
      }
      Certificate certificate = keyStore.getCertificate(ALIAS);
      byte[] key = keyStore.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
      return new TestCertificate(
          pem(folder.resolve("certificate.pem"), "CERTIFICATE", certificate.getEncoded()),
          pem(folder.resolve("key.pem"), "PRIVATE KEY", key),
          trusting(certificate));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK can do this", e);
    }
  }

  private static Path pem(Path file, String type, byte[] content) throws IOException {
    byte[] lineEnd = {'\n'};
    String body =
        new String(Base64.getMimeEncoder(64, lineEnd).encode(content), StandardCharsets.US_ASCII);
    return Files.writeString(
        file, "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(type, body));
  }

  private static SSLContext trusting(Certificate certificate)
      throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(ALIAS, certificate);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
