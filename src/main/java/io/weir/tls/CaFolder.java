package io.weir.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder of a {@link PrivateCa} and what it has signed, all PEM:
 *
 * <pre>
 * ca.crt            that nodes trust
 * ca.key            that signs: only to renew needs it
 * tls.crt, tls.key  the server's
 * client-NAME.crt, client-NAME.key
 * </pre>
 *
 * @param path where it is
 */
public record CaFolder(Path path) {

  /** Makes the folder where there is none, for its owner only. */
  public void create() throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /** The authority's own. */
  public CertificateFiles authority() {
    return named("ca");
  }

  /** The server's. */
  public CertificateFiles server() {
    return named("tls");
  }

  /** A client's. */
  public CertificateFiles client(String name) {
    return named("client-" + name);
  }

  private CertificateFiles named(String name) {
    return new CertificateFiles(path.resolve(name + ".crt"), path.resolve(name + ".key"));
  }
}
