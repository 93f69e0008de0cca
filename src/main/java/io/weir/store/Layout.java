package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.OciException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where everything lies below the store's folder. No other class knows a path.
 *
 * <pre>
 * oci-layout                      {"imageLayoutVersion":"1.0.0"}
 * index.json                      the tagged manifests, for other tools and for a lost index.db
 * blobs/sha256/6c3c624b58db…      whole, verified content
 * incoming/sha256-6c3c624b58db…   half-fetched content
 * incoming/put-17                 a small file before its rename, or one that loses its name at once
 * quarantine/sha256-6c3c624b58db… damaged content, kept for a look
 * index.db, index.db-wal, …       the SQLite index
 * pins                            patterns of images that stay, one a line
 * weir.lock                       held while a process uses the folder; holds its process id
 * </pre>
 *
 * The first three are an OCI image layout: other tools can read the store as it stands.
 *
 * @param root the store's folder
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md">image-spec
 *     1.1.1, image layout</a>
 */
record Layout(Path root) {

  static final String PUT_PREFIX = "put-";

  Path marker() {
    return root.resolve("oci-layout");
  }

  Path imageIndex() {
    return root.resolve("index.json");
  }

  Path blobFolder(Digest.Algorithm algorithm) {
    return root.resolve("blobs").resolve(algorithm.id());
  }

  Path blob(Digest digest) {
    return blobFolder(digest.algorithm()).resolve(digest.hex());
  }

  Path incomingFolder() {
    return root.resolve("incoming");
  }

  Path incoming(Digest digest) {
    return incomingFolder().resolve(flat(digest));
  }

  Path put(long number) {
    return incomingFolder().resolve(PUT_PREFIX + number);
  }

  Path quarantineFolder() {
    return root.resolve("quarantine");
  }

  Path quarantined(Digest digest) {
    return quarantineFolder().resolve(flat(digest));
  }

  /** Where algorithms have no folders of their own. */
  private static String flat(Digest digest) {
    return digest.algorithm().id() + '-' + digest.hex();
  }

  /**
   * The digest of a file in {@link #incomingFolder} or {@link #quarantineFolder}, if it has one.
   */
  static Optional<Digest> digest(Path file) {
    return digest(file.getFileName().toString().replaceFirst("-", ":"));
  }

  /** The digest of a file in {@link #blobFolder}, if it has one. */
  static Optional<Digest> digest(Digest.Algorithm algorithm, Path file) {
    return digest(algorithm.id() + ':' + file.getFileName());
  }

  private static Optional<Digest> digest(String text) {
    try {
      return Optional.of(Digest.parse(text));
    } catch (OciException e) {
      return Optional.empty();
    }
  }

  Path database() {
    return root.resolve("index.db");
  }

  Path pins() {
    return root.resolve("pins");
  }

  Path lock() {
    return root.resolve("weir.lock");
  }
}
