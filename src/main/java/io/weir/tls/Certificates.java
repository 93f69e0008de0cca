package io.weir.tls;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What certificates say: until when, for whom, and whose they are. */
public final class Certificates {

  /** The kinds of names in the extension, RFC 5280 section 4.2.1.6. */
  private static final int DNS_NAME = 2;

  private static final int IP_ADDRESS = 7;

  private Certificates() {}

  /** Whether what the key signs is what the certificate's holder signed. */
  public static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
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

  /**
   * Why a certificate is not valid now, such as {@code expired on 2026-01-01T00:00:00Z}; empty
   * where it is.
   */
  public static Optional<String> whyNotValid(X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      return Optional.of("is not valid before " + begin);
    }
    return now.isAfter(end) ? Optional.of("expired on " + end) : Optional.empty();
  }

  /** The names and addresses that the certificate is for, in its order. */
  public static List<String> names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    for (List<?> name : alternativeNames(certificate)) {
      if (name.getFirst().equals(DNS_NAME) || name.getFirst().equals(IP_ADDRESS)) {
        names.add(String.valueOf(name.getLast()));
      }
    }
    return names;
  }

  private static Collection<List<?>> alternativeNames(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException e) {
      return List.of(); // then no client finds a name in it either
    }
  }

  /**
   * Whether clients that know the server as {@code host} accept the certificate. A {@code *} stands
   * for one whole first label.
   *
   * @param host a host name, or an IP address without brackets
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9525#section-6">RFC 9525</a>
   */
  public static boolean covers(X509Certificate certificate, String host) {
    Optional<InetAddress> address = HostName.address(host);
    return alternativeNames(certificate).stream()
        .anyMatch(name -> {
          String value = String.valueOf(name.getLast());
          return address.isPresent()
              ? name.getFirst().equals(IP_ADDRESS) && HostName.address(value).equals(address)
              : name.getFirst().equals(DNS_NAME) && matches(value, host);
        });
  }

  private static boolean matches(String pattern, String host) {
    String expected = canonical(pattern);
    String actual = canonical(host);
    if (!expected.startsWith("*.")) {
      return expected.equals(actual);
    }
    int dot = actual.indexOf('.');
    return dot > 0 && expected.substring(1).equals(actual.substring(dot));
  }

  private static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
