package io.weir.testing.real;

import io.weir.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes with a digest: a layer, a config or a manifest. */
public record Blob(String mediaType, Digest digest, long sizeBytes, Source source) {

  /** Gives the bytes, as often as they are asked for. */
  @FunctionalInterface
  public interface Source {
    InputStream open() throws IOException;
  }

  /** A blob in memory. */
  public static Blob of(String mediaType, byte[] content) {
    Digest digest = Digest.Algorithm.SHA256.of(content);
    return new Blob(mediaType, digest, content.length, () -> new ByteArrayInputStream(content));
  }

  /** A blob in a file, which has to stay. */
  public static Blob in(Path file, String mediaType, Digest digest) throws IOException {
    return new Blob(mediaType, digest, Files.size(file), () -> Files.newInputStream(file));
  }

  /** All of it, in memory. */
  public byte[] bytes() {
    try (InputStream in = source.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
