package io.weir.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that signs itself, made by the JDK's {@code keytool} for one test. Its files are in
 * the folder that it was given.
 */
public final class TestCertificates {

  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path certificate;
  private final Path key;
  private final KeyStore store;

  private TestCertificates(Path certificate, Path key, KeyStore store) {
    this.certificate = certificate;
    this.key = key;
    this.store = store;
  }

  /**
   * Makes a certificate.
   *
   * @param name of the files, and in the certificate
   * @param subjectAlternativeName as keytool has it, such as {@code ip:127.0.0.1}
   */
  public static TestCertificates create(Path folder, String name, String subjectAlternativeName)
      throws IOException, GeneralSecurityException, InterruptedException {
    return create(folder, name, "CN=" + name, subjectAlternativeName);
  }

  /**
   * Makes a certificate.
   *
   * @param name of the files
   * @param subject as keytool has it, such as {@code CN=weir,O=Example}
   * @param subjectAlternativeName as keytool has it, such as {@code ip:127.0.0.1}
   */
  public static TestCertificates create(
      Path folder, String name, String subject, String subjectAlternativeName)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path storeFile = folder.resolve(name + ".p12");
    keytool(
        List.of(
            "-genkeypair",
            "-alias",
            "test",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            subject,
            "-ext",
            "san=" + subjectAlternativeName,
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-keystore",
            storeFile.toString(),
            "-storepass",
            new String(PASSWORD)));
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(storeFile)) {
      store.load(in, PASSWORD);
    }
    Path certificate = folder.resolve(name + ".crt");
    writePem(certificate, "CERTIFICATE", store.getCertificate("test").getEncoded());
    Key privateKey = store.getKey("test", PASSWORD);
    Path key = folder.resolve(name + ".key");
    writePem(key, "PRIVATE KEY", privateKey.getEncoded());
    return new TestCertificates(certificate, key, store);
  }

  private static void keytool(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + output);
    }
  }

  private static void writePem(Path file, String type, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, base64, type));
  }

  /** The certificate, PEM. */
  public Path certificate() {
    return certificate;
  }

  /** Its key, PEM, PKCS #8. */
  public Path key() {
    return key;
  }

  /** For a server that shows this certificate, or a client that does and trusts only itself. */
  public SSLContext server() throws GeneralSecurityException {
    return client(this);
  }

  /** For a client that shows this certificate, and trusts {@code server}. */
  public SSLContext client(TestCertificates server) throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), server.trust().getTrustManagers(), null);
    return context;
  }

  /** For a client that trusts this certificate, and shows none. */
  public SSLContext trusting() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust().getTrustManagers(), null);
    return context;
  }

  private TrustManagerFactory trust() throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    try {
      trusted.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    trusted.setCertificateEntry("test", store.getCertificate("test"));
    trust.init(trusted);
    return trust;
  }
}
