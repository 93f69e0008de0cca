package io.weir.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of certificates and keys in PEM.
 *
 * @param path where it is
 * @param text what it holds; may be a key, so it is in no message
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7468">RFC 7468</a>
 */
public record PemFile(Path path, String text) {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /**
   * Reads a file.
   *
   * @throws IOException where it cannot be read; the message names it
   */
  public static PemFile read(Path path) throws IOException {
    try {
      return new PemFile(path, Files.readString(path, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new IOException(path + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new IOException(path + " cannot be read: permission denied", e);
    } catch (IOException e) {
      throw new IOException(path + " cannot be read (" + e + ")", e);
    }
  }

  /**
   * All its certificates, at least one, in their order.
   *
   * @throws IOException where there is none, or one is broken; the message names the file
   */
  public List<X509Certificate> certificates() throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      if (block.group(1).equals("CERTIFICATE")) {
        certificates.add(certificate(content(block)));
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(path + " holds no certificate in PEM");
    }
    return certificates;
  }

  private X509Certificate certificate(byte[] der) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new IOException(path + " holds a broken certificate (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Its first private key.
   *
   * @throws IOException where there is none that can be used; the message names the file
   */
  public PrivateKey privateKey() throws IOException {
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      switch (block.group(1)) {
        case "PRIVATE KEY" -> {
          return privateKey(content(block));
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new IOException(path + " holds a key with a password, which nobody could type");
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
            throw new IOException(
                path
                    + " holds a key in an older form than PKCS #8; `openssl pkcs8 -topk8 -nocrypt`"
                    + " writes it anew");
        default -> {
          // A certificate, or parameters: the key may follow.
        }
      }
    }
    throw new IOException(path + " holds no private key in PEM");
  }

  private PrivateKey privateKey(byte[] der) throws IOException {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException _) {
        // Not of this algorithm.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e); // every JDK has these algorithms
      }
    }
    throw new IOException(path + " holds a private key that is broken, or neither RSA nor EC");
  }

  private byte[] content(Matcher block) throws IOException {
    try {
      return Base64.getMimeDecoder().decode(block.group(2));
    } catch (IllegalArgumentException e) {
      throw new IOException(path + " is not well-formed PEM (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
