package io.weir.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people put into the files of a certificate and its key. */
class PemFileTest {

  private static TestCertificates certificates;

  @TempDir private Path folder;

  @BeforeAll
  static void makeCertificates(@TempDir Path folder) throws Exception {
    certificates = TestCertificates.create(folder, "weir", "dns:localhost");
  }

  private PemFile file(String text) throws IOException {
    return PemFile.read(Files.writeString(folder.resolve("file.pem"), text));
  }

  @Test
  void aChainAndItsKeyMayStandInOneFile() throws IOException {
    String certificate = Files.readString(certificates.certificate());
    String key = Files.readString(certificates.key());

    PemFile together = file("a comment\n" + certificate + key + certificate);

    assertThat(together.certificates()).hasSize(2);
    assertThat(together.privateKey().getAlgorithm()).isEqualTo("EC");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> PemFile.read(folder.resolve("nothing")))
        .isInstanceOf(IOException.class)
        .hasMessage("%s does not exist", folder.resolve("nothing"));
  }

  @Test
  void aFolderIsNoFile() {
    assertThatThrownBy(() -> PemFile.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("%s cannot be read (", folder);
  }

  @ParameterizedTest
  @CsvSource({
    "'', holds no certificate in PEM",
    "CERTIFICATE, holds a broken certificate (",
  })
  void whatIsNoCertificateIsSaid(String label, String reason) throws IOException {
    PemFile file = file(block(label, "AAAA"));
    assertThatThrownBy(file::certificates)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("%s %s", file.path(), reason);
  }

  @ParameterizedTest
  @CsvSource({
    "CERTIFICATE, AAAA, holds no private key in PEM",
    "ENCRYPTED PRIVATE KEY, AAAA, 'holds a key with a password, which nobody could type'",
    "RSA PRIVATE KEY, AAAA, holds a key in an older form than PKCS #8; `openssl pkcs8",
    "EC PRIVATE KEY, AAAA, holds a key in an older form than PKCS #8; `openssl pkcs8",
    "PRIVATE KEY, AAAA, 'holds a private key that is broken, or neither RSA nor EC'",
    "PRIVATE KEY, A, is not well-formed PEM (",
  })
  void whatIsNoKeyIsSaid(String label, String content, String reason) throws IOException {
    PemFile file = file(block(label, content));
    assertThatThrownBy(file::privateKey)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("%s %s", file.path(), reason);
  }

  private static String block(String label, String content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, content);
  }
}
