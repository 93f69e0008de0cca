package io.weir.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A certificate and its key, each in a file of its own. A file is replaced in one step and durably;
 * one that is there keeps its owner and its permissions, because who renews is not always who
 * serves. A new key is for its owner only.
 *
 * @param certificate the certificate, and those that lead from it to its authority
 * @param key its key
 */
public record CertificateFiles(Path certificate, Path key) {

  private static final Set<PosixFilePermission> PUBLIC =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> SECRET =
      PosixFilePermissions.fromString("rw-------");

  private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /**
   * What the files hold.
   *
   * @param chain the certificate itself first
   */
  public record Content(List<X509Certificate> chain, PrivateKey key) {

    public Content {
      chain = List.copyOf(chain);
    }

    /** The certificate itself. */
    public X509Certificate own() {
      return chain.getFirst();
    }

    /** Whose it is; never the key. */
    @Override
    public String toString() {
      return own().getSubjectX500Principal().getName();
    }
  }

  /** Those of the two that are there. */
  public List<Path> existing() {
    return Stream.of(certificate, key).filter(Files::exists).toList();
  }

  /**
   * Reads both.
   *
   * @throws IOException where one cannot be used, or they do not belong together; the message names
   *     the file
   */
  public Content read() throws IOException {
    Content content =
        new Content(PemFile.read(certificate).certificates(), PemFile.read(key).privateKey());
    if (!Certificates.belongTogether(content.key(), content.own())) {
      throw new IOException(key + " is not the key of the first certificate in " + certificate);
    }
    return content;
  }

  /**
   * Writes both, the key first. A server that looks in between finds a pair that does not fit,
   * keeps the old one, and looks again.
   */
  public void write(Content content) throws IOException {
    replace(key, SECRET, pem("PRIVATE KEY", content.key().getEncoded()));
    writeCertificate(content.chain());
  }

  /**
   * Writes the certificate for the key that is there: one step, before and after which they fit.
   */
  public void writeCertificate(List<X509Certificate> chain) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate each : chain) {
        text.append(pem("CERTIFICATE", each.getEncoded()));
      }
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e); // it has been parsed
    }
    replace(certificate, PUBLIC, text.toString());
  }

  /** RFC 7468. */
  private static String pem(String type, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, BASE64.encodeToString(der), type);
  }

  private static void replace(Path path, Set<PosixFilePermission> permissions, String text)
      throws IOException {
    // Where it is a link, what that leads to is replaced.
    Path target = Files.exists(path) ? path.toRealPath() : path;
    Path fresh = target.resolveSibling("." + target.getFileName() + ".new");
    Files.deleteIfExists(fresh); // of somebody who was killed
    try {
      FileAttribute<?> secret = PosixFilePermissions.asFileAttribute(SECRET);
      try (FileChannel channel =
          FileChannel.open(
              fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), secret)) {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
        while (bytes.hasRemaining()) {
          int _ = channel.write(bytes);
        }
        likeBefore(fresh, target, permissions);
        channel.force(true);
      }
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Path folder = target.toAbsolutePath().getParent();
      if (folder != null) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw new IOException(path + " cannot be written (" + e + ")", e);
    }
  }

  private static void likeBefore(Path fresh, Path target, Set<PosixFilePermission> permissions)
      throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(fresh, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!Files.exists(target)) {
      view.setPermissions(permissions);
      return;
    }
    PosixFileAttributes before = Files.readAttributes(target, PosixFileAttributes.class);
    PosixFileAttributes now = view.readAttributes();
    if (!before.owner().equals(now.owner())) {
      view.setOwner(before.owner());
    }
    if (!before.group().equals(now.group())) {
      view.setGroup(before.group());
    }
    view.setPermissions(before.permissions());
  }
}
