package io.weir.clients;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The certificates that clients are to trust.
 *
 * @param pem one or more certificates, and nothing else: lines of at most 64 characters, each with
 *     a line end
 */
public record CaBundle(String pem) {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN (?<type>[A-Z0-9 ]+)-----(?<body>[^-]*)-----END \\k<type>-----");
  private static final int LINE_LENGTH = 64;
  private static final byte[] LINE_END = {'\n'};

  /**
   * Takes the certificates out of a PEM file. What stands around them is left out.
   *
   * @throws IllegalArgumentException where there is no certificate, one cannot be read, or the file
   *     also holds a private key, which must not travel to the nodes
   */
  public static CaBundle parse(String text) {
    List<String> certificates = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    while (blocks.find()) {
      String type = blocks.group("type");
      if (type.endsWith("PRIVATE KEY")) {
        throw new IllegalArgumentException(
            "expected certificates only (got a private key, which nodes must not have)");
      }
      if (type.equals("CERTIFICATE")) {
        certificates.add(pem(certificate(blocks.group("body"))));
      }
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("expected a PEM file with a certificate (got none)");
    }
    return new CaBundle(String.join("", certificates));
  }

  private static byte[] certificate(String body) {
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(body);
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(encoded))
          .getEncoded();
    } catch (CertificateException | IllegalArgumentException e) {
      throw new IllegalArgumentException("expected X.509 certificates (got one that is broken)", e);
    }
  }

  private static String pem(byte[] certificate) {
    byte[] body = Base64.getMimeEncoder(LINE_LENGTH, LINE_END).encode(certificate);
    return "-----BEGIN CERTIFICATE-----\n"
        + new String(body, StandardCharsets.US_ASCII)
        + "\n-----END CERTIFICATE-----\n";
  }

  /** The certificates with so many spaces in front of each line, as in a YAML block scalar. */
  String indented(int spaces) {
    return Indented.by(spaces, pem);
  }

  /** The PEM text in Base64, on one line. */
  String base64() {
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
