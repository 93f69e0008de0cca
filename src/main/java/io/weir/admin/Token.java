package io.weir.admin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * The secret of those who may use the API.
 *
 * @param file its content, without white space around it, is the secret. It is read for each
 *     request, so a new secret counts at once
 */
record Token(Path file) {

  private static final int SIZE_BYTES_MAX = 4096;

  /**
   * Whether {@code shown} is the secret. Takes the same time wherever the two differ. Blocks.
   *
   * @throws IOException where the file cannot be read, or is empty
   */
  boolean is(String shown) throws IOException {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(SIZE_BYTES_MAX);
    }
    String secret = new String(content, StandardCharsets.UTF_8).strip();
    if (secret.isEmpty()) {
      throw new IOException("the file is empty");
    }
    return MessageDigest.isEqual(
        shown.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
  }
}
