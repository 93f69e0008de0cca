package io.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.TestCertificates;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateUserTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "'CN=node-1,O=Example', dns:host.example.net, node-1",
        "'CN=node-1,OU=nodes,CN=root', dns:host.example.net, node-1",
        "'CN=\"a, b\"', dns:host.example.net, 'a, b'",
        "O=Example, 'ip:10.0.0.7,dns:host.example.net', host.example.net",
        "O=Example, 'dns:host.example.net,dns:other.example.net', host.example.net",
        "O=Example, email:ops@example.net, ops@example.net",
        "O=Example, uri:spiffe://example.net/node, spiffe://example.net/node",
        "O=Example, oid:1.2.3.4, none",
      })
  void theNameIsTheCommonOneOrElseTheFirstAlternative(
      String subject, String alternatives, String user) throws Exception {
    Path file = TestCertificates.create(folder, "client", subject, alternatives).certificate();
    try (InputStream in = Files.newInputStream(file)) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      assertThat(CertificateUser.of(certificate)).isEqualTo(user);
    }
  }
}
