package io.weir.testing;

import io.weir.config.Config;
import io.weir.tls.CaFolder;
import io.weir.tls.CertificateFiles;
import io.weir.tls.HostName;
import io.weir.tls.PrivateCa;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority as {@code weir tls init} makes it, and what it signs for one test. */
public final class TestAuthority {

  private static final char[] PASSWORD = "changeit".toCharArray();

  private final PrivateCa authority = PrivateCa.create(Instant.now());
  private final CaFolder folder;

  /** A new one, whose certificate is in {@code folder}. */
  public TestAuthority(Path folder) throws IOException {
    this.folder = new CaFolder(folder);
    this.folder.create();
    this.folder
        .authority()
        .write(new CertificateFiles.Content(List.of(authority.certificate()), authority.key()));
  }

  /** Its certificate, PEM. */
  public Path certificate() {
    return folder.authority().certificate();
  }

  /** The server's files; {@link #serve} writes them. */
  public CertificateFiles files() {
    return folder.server();
  }

  /** Its configuration. */
  public Config.Tls config() {
    return new Config.Tls(files().certificate(), files().key(), Optional.empty());
  }

  /** A pair for these names that is valid now, and in its files. */
  public CertificateFiles.Content serve(String... names) throws IOException {
    return written(server(Instant.now(), names));
  }

  /** Puts a pair into the server's files. */
  public CertificateFiles.Content written(CertificateFiles.Content pair) throws IOException {
    files().write(pair);
    return pair;
  }

  /** A pair that is valid for ten days from an hour before {@code begin}. */
  public CertificateFiles.Content server(Instant begin, String... names) {
    KeyPair key = PrivateCa.newKey();
    List<HostName> hosts = Stream.of(names).map(HostName::parse).toList();
    return pair(key, authority.server(hosts, key.getPublic(), begin, 10));
  }

  /** One that has expired. */
  public CertificateFiles.Content expired(String... names) {
    return server(Instant.now().minus(20, ChronoUnit.DAYS), names);
  }

  /** A client's. */
  public CertificateFiles.Content client(String name) {
    KeyPair key = PrivateCa.newKey();
    return pair(key, authority.client(name, key.getPublic(), Instant.now(), 10));
  }

  private CertificateFiles.Content pair(KeyPair key, X509Certificate certificate) {
    return new CertificateFiles.Content(
        List.of(certificate, authority.certificate()), key.getPrivate());
  }

  /** For a client that trusts what this authority signs, and shows nothing. */
  public SSLContext trusting() throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust().getTrustManagers(), null);
    return context;
  }

  /** For a client that trusts what this authority signs, and shows {@code own}. */
  public SSLContext showing(CertificateFiles.Content own)
      throws GeneralSecurityException, IOException {
    KeyStore keys = empty();
    keys.setKeyEntry("own", own.key(), PASSWORD, own.chain().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), trust().getTrustManagers(), null);
    return context;
  }

  private TrustManagerFactory trust() throws GeneralSecurityException, IOException {
    KeyStore trusted = empty();
    trusted.setCertificateEntry("authority", authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    return trust;
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
