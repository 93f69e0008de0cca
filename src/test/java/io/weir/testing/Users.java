package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** An htpasswd file that a test writes, with hashes of the lowest cost unless it says otherwise. */
public final class Users {

  private static final int COST = 4;

  private final Path file;
  private final Map<String, String> hashes = new TreeMap<>();

  /** A file that is not there before it has a user. */
  public Users(Path file) {
    this.file = file;
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** Gives a user a password, new or another one. */
  public Users put(String user, String password) {
    return put(user, password, COST);
  }

  /** Gives a user a password whose hash costs as much as is said. */
  public Users put(String user, String password, int cost) {
    hashes.put(user, BCrypt.hashpw(password, BCrypt.gensalt("$2y", cost)));
    return write();
  }

  /** Takes a user out. */
  public Users remove(String user) {
    hashes.remove(user);
    return write();
  }

  /** As an editor does it that writes a file anew, and moves it over the old one. */
  private Users write() {
    StringBuilder lines = new StringBuilder();
    hashes.forEach((user, hash) -> lines.append(user).append(':').append(hash).append('\n'));
    try {
      Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), lines);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** The header of a login. */
  public static String header(String user, String password) {
    return "Authorization: " + login(user, password);
  }

  /** The value of the header of a login. */
  public static String login(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
