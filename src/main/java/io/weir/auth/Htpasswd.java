package io.weir.auth;

import io.weir.config.ConfigException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Users and the hashes of their passwords, as a file had them. Immutable.
 *
 * <p>Only bcrypt: the other forms that {@code htpasswd} can write are broken in minutes by whoever
 * gets hold of the file.
 *
 * <pre>
 * # the nodes
 * node:$2y$10$8K1p/a0dL1LXMIgoEDFrwOfMQbLgtnOoKsWc.6U6H0llP3puzeeEu
 * </pre>
 */
final class Htpasswd {

  private static final Pattern BCRYPT =
      Pattern.compile("\\$2[aby]\\$(0[4-9]|1[0-6])\\$[./A-Za-z0-9]{53}");
  private static final Pattern COSTLY_BCRYPT =
      Pattern.compile("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}");

  /** What bcrypt looks at; what is behind it might be anything. */
  private static final int PASSWORD_BYTES_MAX = 72;

  private final Map<String, String> hashes;
  private final String decoy;

  private Htpasswd(Map<String, String> hashes) {
    this.hashes = Map.copyOf(hashes);
    this.decoy = decoy(hashes.values());
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException where it cannot be used: every problem with the line of it, and no hash
   */
  static Htpasswd read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException _) {
      throw problem(file + " does not exist; `htpasswd -B -c` makes it");
    } catch (CharacterCodingException _) {
      throw problem(file + " is not UTF-8");
    } catch (IOException e) {
      throw problem(file + " cannot be read (" + e + ")");
    }
    Map<String, String> hashes = new HashMap<>();
    Map<String, Integer> places = new HashMap<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      String user = line.substring(0, Math.max(0, colon));
      String hash = line.substring(colon + 1);
      Integer earlier = places.putIfAbsent(user, i + 1);
      String problem = colon < 0 ? "expected USER:HASH" : problemOf(user, hash, earlier);
      if (problem == null) {
        hashes.put(user, hash);
      } else {
        problems.add(inForm(file + ":" + (i + 1) + ": " + problem));
      }
    }
    if (problems.isEmpty() && hashes.isEmpty()) {
      problems.add(inForm(file + " has no users; `htpasswd -B` adds one"));
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Htpasswd(hashes);
  }

  private static ConfigException problem(String message) {
    return new ConfigException(List.of(inForm(message)));
  }

  private static String inForm(String message) {
    return "registry.auth.htpasswd: " + message;
  }

  private static @Nullable String problemOf(String user, String hash, @Nullable Integer earlier) {
    if (user.isEmpty()
        || user.length() > BasicCredentials.USER_LENGTH_MAX
        || user.matches(".*\\p{Cntrl}.*")) {
      return "expected the name of a user before the colon";
    }
    if (earlier != null) {
      return "expected each user once (" + user + " also stands in line " + earlier + ")";
    }
    if (BCRYPT.matcher(hash).matches()) {
      return null;
    }
    if (COSTLY_BCRYPT.matcher(hash).matches()) {
      return "expected a cost from 4 to 16 for %s, since each step doubles the time of a login; %s"
          .formatted(user, remedy(user));
    }
    return "expected a bcrypt hash for %s (got %s); %s".formatted(user, form(hash), remedy(user));
  }

  private static String remedy(String user) {
    return "`htpasswd -B FILE %s` writes a new one".formatted(user);
  }

  private static String form(String hash) {
    if (hash.startsWith("$apr1$") || hash.startsWith("$1$")) {
      return "MD5";
    }
    if (hash.startsWith("{SHA}")) {
      return "SHA-1";
    }
    if (hash.startsWith("$5$") || hash.startsWith("$6$")) {
      return "crypt with SHA-2";
    }
    if (hash.startsWith("$2")) {
      return "one that is broken, or of another version than 2a, 2b and 2y";
    }
    return hash.isEmpty() ? "nothing" : "crypt, or a password in plain text";
  }

  /**
   * A hash that stands for users who are not there, so that their logins take as long as others'.
   */
  private static String decoy(Collection<String> hashes) {
    int cost = hashes.stream().mapToInt(Htpasswd::cost).max().orElseThrow();
    return "$2y$%02d$%s".formatted(cost, ".".repeat(53));
  }

  private static int cost(String hash) {
    return Integer.parseInt(hash.substring(4, 6));
  }

  /** What the user's password is compared with; null for a user who is not there. */
  @Nullable String hashOf(String user) {
    return hashes.get(user);
  }

  /**
   * Whether it is the user's password. Takes a tenth of a second and more, of CPU time; as long for
   * a user who is not there.
   *
   * <p>A password of more than 72 bytes is never right: bcrypt does not look at the rest, so that
   * every other end would do as well.
   */
  boolean verify(BasicCredentials credentials) {
    byte[] password = credentials.password();
    String hash = hashOf(credentials.user());
    boolean isRight = BCrypt.checkpw(password, hash == null ? decoy : hash);
    return isRight && hash != null && password.length <= PASSWORD_BYTES_MAX;
  }
}
