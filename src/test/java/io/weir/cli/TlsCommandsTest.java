package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FakeClock;
import io.weir.tls.CaFolder;
import io.weir.tls.CertificateFiles;
import io.weir.tls.Certificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code weir tls init} and {@code weir tls renew}: which files they make, and when they refuse.
 */
class TlsCommandsTest {

  @TempDir Path parent;

  private final FakeClock clock = new FakeClock();
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();
  private CaFolder folder;

  @BeforeEach
  void nameFolder() {
    folder = new CaFolder(parent.resolve("tls"));
  }

  private int run(String... arguments) {
    out = new StringWriter();
    err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new BufferedReader(new StringReader("")),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of(),
            false,
            clock);
    return Main.run(terminal, arguments);
  }

  private int tls(String command, String... arguments) {
    return run(
        Stream.concat(
                Stream.of("tls", command, "--output", folder.path().toString()),
                Arrays.stream(arguments))
            .toArray(String[]::new));
  }

  private X509Certificate server() throws IOException {
    return folder.server().read().own();
  }

  @Test
  void initMakesAnAuthorityAndACertificateByIt() throws Exception {
    assertThat(tls("init", "--host", "weir.example.net", "--host", "10.0.0.5")).isZero();

    X509Certificate authority = folder.authority().read().own();
    CertificateFiles.Content server = folder.server().read();
    assertThat(server.chain()).containsExactly(server.own(), authority);
    server.own().verify(authority.getPublicKey());
    assertThat(Certificates.names(server.own())).containsExactly("weir.example.net", "10.0.0.5");
    assertThat(authority.getBasicConstraints()).isZero();
    assertThat(server.own().getBasicConstraints()).isNegative();
    assertThat(server.own().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(authority.getNotAfter()).isEqualTo("2036-01-01T00:00:00Z");
    assertThat(days(server.own())).isEqualTo(397);
  }

  private static long days(X509Certificate certificate) {
    Duration life =
        Duration.between(
            certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
    return life.plusSeconds(1).toDays();
  }

  @Test
  void keysAreForTheirOwnerOnly() throws IOException {
    assertThat(tls("init", "--host", "weir", "--client", "node-1")).isZero();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
        .isEqualTo("rwx------");
    List<String> modes = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path())) {
      for (Path file : files) {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        modes.add(file.getFileName() + " " + mode);
      }
    }
    assertThat(modes)
        .containsExactlyInAnyOrder(
            "ca.crt rw-r--r--",
            "ca.key rw-------",
            "tls.crt rw-r--r--",
            "tls.key rw-------",
            "client-node-1.crt rw-r--r--",
            "client-node-1.key rw-------");
  }

  @Test
  void initSaysWhatToWriteWhereAndHowToTrustIt() {
    assertThat(tls("init", "--host", "*.example.net", "--host", "weir.example.net")).isZero();

    assertThat(out.toString())
        .contains(
            "  tls: {cert: %s, key: %s}%n"
                .formatted(folder.server().certificate(), folder.server().key()),
            "update-ca-certificates",
            "update-ca-trust",
            "/etc/containers/certs.d/weir.example.net:5000/ca.crt",
            "weir client-config RUNTIME --ca " + folder.authority().certificate())
        .doesNotContain("client-ca");
    assertThat(tls("init", "--force", "--host", "weir", "--client", "node-1")).isZero();
    assertThat(out.toString()).contains(", client-ca: " + folder.authority().certificate() + "}");
  }

  @Test
  void initReplacesNothingUnlessForced() throws Exception {
    assertThat(tls("init", "--host", "weir")).isZero();
    X509Certificate before = folder.authority().read().own();

    assertThat(tls("init", "--host", "weir")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("weir: " + folder.authority().certificate() + " is there already:")
        .contains("weir tls renew", "--force");
    assertThat(folder.authority().read().own()).isEqualTo(before);

    assertThat(tls("init", "--host", "weir", "--force")).isZero();
    assertThat(folder.authority().read().own()).isNotEqualTo(before);
    folder.server().read().own().verify(folder.authority().read().own().getPublicKey());
  }

  @Test
  void renewKeepsNamesAndKeyAndLastsAnew() throws Exception {
    assertThat(tls("init", "--host", "weir.example.net", "--host", "fd00::1")).isZero();
    X509Certificate before = server();
    PrivateKey key = folder.server().read().key();
    clock.advance(Duration.ofDays(300));

    assertThat(tls("renew", "--days", "90")).isZero();

    assertThat(out).hasToString(folder.server().certificate() + " ends 2027-01-25\n");
    assertThat(server()).isNotEqualTo(before);
    assertThat(folder.server().read().key()).isEqualTo(key);
    assertThat(Certificates.names(server())).isEqualTo(Certificates.names(before)).hasSize(2);
    assertThat(days(server())).isEqualTo(90);
    server().verify(folder.authority().read().own().getPublicKey());
  }

  @Test
  void renewMakesAnotherKeyAndNamesWhereAsked() throws Exception {
    assertThat(tls("init", "--host", "weir")).isZero();
    PrivateKey key = folder.server().read().key();

    assertThat(tls("renew", "--new-key", "--host", "weir.example.net")).isZero();

    assertThat(folder.server().read().key()).isNotEqualTo(key);
    assertThat(Certificates.names(server())).containsExactly("weir.example.net");
  }

  @Test
  void renewMakesAndRenewsClients() throws Exception {
    assertThat(tls("init", "--host", "weir")).isZero();
    CertificateFiles client = folder.client("node-1");

    assertThat(tls("renew", "--client", "node-1")).isZero();
    CertificateFiles.Content first = client.read();
    assertThat(first.own().getSubjectX500Principal().getName()).isEqualTo("CN=node-1");
    assertThat(first.own().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");

    assertThat(tls("renew", "--client", "node-1")).isZero();
    assertThat(client.read().key()).isEqualTo(first.key());
    assertThat(client.read().own()).isNotEqualTo(first.own());
  }

  /** Whoever renews as root must not take the key from the user that serves. */
  @Test
  void whatIsReplacedKeepsItsPermissions() throws IOException {
    assertThat(tls("init", "--host", "weir")).isZero();
    Path key = folder.server().key();
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));

    assertThat(tls("renew", "--new-key")).isZero();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void renewNeedsAnAuthorityThatIsThereValidAndWhole() throws IOException {
    assertThat(tls("renew")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith(
            "weir: " + folder.authority().certificate() + " does not exist: `weir tls init");

    assertThat(tls("init", "--host", "weir")).isZero();
    clock.advance(Duration.ofDays(3653));
    assertThat(tls("renew")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("weir: the authority in " + folder.authority().certificate())
        .contains("expired on 2036-01-01T00:00:00Z", "weir tls init --force");
    clock.advance(Duration.ofDays(-100));
    assertThat(tls("renew")).isZero();
    assertThat(out.toString()).contains("ends 2036-01-01, with its authority");

    Path key = folder.authority().key();
    Files.writeString(key, Files.readString(folder.server().key()));
    assertThat(tls("renew")).isEqualTo(1);
    assertThat(err.toString()).startsWith("weir: " + key + " is not the key of");
    Files.delete(key);
    assertThat(tls("renew")).isEqualTo(1);
    assertThat(err).hasToString("weir: " + key + " does not exist\n");
  }

  @Test
  void renewSaysWhatToDoAboutAServersKeyOfAnother() throws IOException {
    assertThat(tls("init", "--host", "weir")).isZero();
    Files.writeString(folder.server().key(), Files.readString(folder.authority().key()));

    assertThat(tls("renew")).isEqualTo(1);
    assertThat(err.toString()).endsWith("; --new-key makes both anew\n");
    assertThat(tls("renew", "--new-key")).isZero();
    assertThat(folder.server().read().chain()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tls|Missing required subcommand",
        "tls init|Missing required option: '--host=NAME'",
        "tls init --host weir:5000|without scheme and port (got 'weir:5000')",
        "tls init --host weir --days 0|expected 1 to 398",
        "tls init --host weir --days 399|expected 1 to 398",
        "tls init --host weir --days many|(got 'many')",
        "tls init --host weir --client ../x|expected letters, digits and . _ -",
        "tls renew --client a/b|expected letters, digits and . _ -",
        "tls renew --force|Unknown option: '--force'",
      })
  void wrongUsageIsOneLineAndStatus2(String arguments, String part) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);

    assertThat(err.toString().lines()).singleElement().asString().contains(part);
    assertThat(List.of(parent.toFile().list())).isEmpty();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Files.writeString(folder.path(), "a file");

    assertThat(tls("init", "--host", "weir")).isEqualTo(1);
    assertThat(err.toString()).startsWith("weir: ").contains(folder.path().toString());
  }

  /** What only somebody who uses it would find out otherwise. */
  @Test
  void checkWarnsOfWhatStartsAndDoesNotServe() throws IOException {
    assertThat(tls("init", "--host", "weir.example.net", "--days", "10")).isZero();
    Path config =
        Files.writeString(
            parent.resolve("weir.yaml"),
            """
            registry: {tls: {cert: tls/tls.crt, key: tls/tls.key}}
            upstreams: {quay.io: {hosts: [quay.example.net]}}
            """);
    clock.advance(Duration.ofDays(11));

    assertThat(run("config", "check", "--config", config.toString())).isZero();

    Path file = folder.server().certificate();
    assertThat(err.toString().lines())
        .containsExactly(
            "weir: warning: registry.tls.cert: the certificate in %s expired on 2026-01-10T22:59:59Z"
                .formatted(file),
            "weir: warning: upstreams.quay.io.hosts: the certificate in %s is not for"
                    .formatted(file)
                + " quay.example.net, so clients will refuse it");
  }
}
