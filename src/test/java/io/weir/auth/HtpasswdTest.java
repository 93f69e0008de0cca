package io.weir.auth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.weir.config.ConfigException;
import io.weir.testing.Users;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.crypto.bcrypt.BCrypt;

class HtpasswdTest {

  @TempDir private Path folder;

  private static String hash(String version, String password) {
    return BCrypt.hashpw(password, BCrypt.gensalt(version, 4));
  }

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("users"), List.of(lines));
  }

  private Htpasswd read(String... lines) throws IOException {
    return Htpasswd.read(file(lines));
  }

  private List<String> problems(String... lines) throws IOException {
    Path file = file(lines);
    return Assertions.catchThrowableOfType(ConfigException.class, () -> Htpasswd.read(file))
        .problems()
        .stream()
        .map(problem -> problem.replace(folder + "/", ""))
        .toList();
  }

  private static BasicCredentials login(String user, String password) {
    return parse(Users.login(user, password));
  }

  private static BasicCredentials parse(String header) {
    return requireNonNull(BasicCredentials.parse(header));
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2a", "$2b", "$2y"})
  void eachVersionOfBcryptIsVerified(String version) throws IOException {
    Htpasswd users = read("# the nodes", "", "node:" + hash(version, "pässword:1"));

    assertThat(users.verify(login("node", "pässword:1"))).isTrue();
    assertThat(users.verify(login("node", "pässword:2"))).isFalse();
    assertThat(users.verify(login("node", ""))).isFalse();
    assertThat(users.verify(login("Node", "pässword:1"))).isFalse();
    assertThat(users.verify(login("", ""))).isFalse();
  }

  /** Written by {@code htpasswd -nbB -C 5 ci secret}, of Apache 2.4. */
  @Test
  void whatApacheWritesIsVerified() throws IOException {
    Htpasswd users = read("ci:$2y$05$ZeJZADOxQcj9n.8VuioCbemlQZaek/sskC7MWTQvRiHEzNQasc0T.\r");

    assertThat(users.verify(login("ci", "secret"))).isTrue();
    assertThat(users.verify(login("ci", "Secret"))).isFalse();
  }

  /**
   * bcrypt looks at 72 bytes: the hash of 72 is right for each longer password that begins with
   * them.
   */
  @Test
  void whatBcryptWouldNotLookAtIsNeverRight() throws IOException {
    String longest = "x".repeat(72);
    Htpasswd users = read("ci:" + hash("$2y", longest));

    assertThat(users.verify(login("ci", longest))).isTrue();
    assertThat(users.verify(login("ci", longest + "y"))).isFalse();
  }

  /** As bcrypt sees it, {@code a} is {@code a NUL a}, and ends at the first NUL elsewhere. */
  @Test
  void aPasswordWithANulIsNone() {
    assertThat(BasicCredentials.parse(Users.login("ci", "a\0a"))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic !",
        "Basic Y2k",
        "Bearer Y2k6YQ==",
        "Basic Y2k6YQ== x"
      })
  void whatIsNoLoginIsNone(String header) {
    assertThat(BasicCredentials.parse(header)).isNull();
  }

  @Test
  void theSchemeMayBeInAnyCase() {
    BasicCredentials credentials = parse("bASIC  Y2k6YQ== ");

    assertThat(credentials.user()).isEqualTo("ci");
    assertThat(credentials).hasToString("BasicCredentials[ci]");
  }

  @Test
  void eachLineThatCannotBeUsedIsNamedWithoutItsHash() throws IOException {
    assertThat(
            problems(
                "md5:$apr1$n8KzCBJ4$SECRETSECRETSECRETSECRE",
                "sha:{SHA}SECRETSECRETSECRETSECRETSEC=",
                "crypt:SECRETSECRET1",
                "sha2:$6$SECRET$SECRET",
                "SECRET",
                ":SECRET",
                "empty:",
                "twice:" + hash("$2y", "a"),
                "twice:" + hash("$2y", "a"),
                "torn:$2y$10$SECRET",
                "slow:" + hash("$2y", "a").replace("$04$", "$17$")))
        .containsExactly(
            "registry.auth.htpasswd: users:1: expected a bcrypt hash for md5 (got MD5);"
                + " `htpasswd -B FILE md5` writes a new one",
            "registry.auth.htpasswd: users:2: expected a bcrypt hash for sha (got SHA-1);"
                + " `htpasswd -B FILE sha` writes a new one",
            "registry.auth.htpasswd: users:3: expected a bcrypt hash for crypt (got crypt, or a"
                + " password in plain text); `htpasswd -B FILE crypt` writes a new one",
            "registry.auth.htpasswd: users:4: expected a bcrypt hash for sha2 (got crypt with"
                + " SHA-2); `htpasswd -B FILE sha2` writes a new one",
            "registry.auth.htpasswd: users:5: expected USER:HASH",
            "registry.auth.htpasswd: users:6: expected the name of a user before the colon",
            "registry.auth.htpasswd: users:7: expected a bcrypt hash for empty (got nothing);"
                + " `htpasswd -B FILE empty` writes a new one",
            "registry.auth.htpasswd: users:9: expected each user once (twice also stands in line"
                + " 8)",
            "registry.auth.htpasswd: users:10: expected a bcrypt hash for torn (got one that is"
                + " broken, or of another version than 2a, 2b and 2y); `htpasswd -B FILE torn`"
                + " writes a new one",
            "registry.auth.htpasswd: users:11: expected a cost from 4 to 16 for slow, since each"
                + " step doubles the time of a login; `htpasswd -B FILE slow` writes a new one");
  }

  @Test
  void aFileWithoutUsersOrNoFileIsRefused() throws IOException {
    assertThat(problems("# nobody yet"))
        .containsExactly("registry.auth.htpasswd: users has no users; `htpasswd -B` adds one");
    Path missing = folder.resolve("missing");
    Assertions.assertThatThrownBy(() -> Htpasswd.read(missing))
        .hasMessageContaining(missing + " does not exist; `htpasswd -B -c` makes it");
  }

  @Test
  void aFileThatIsNoTextIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("users"), new byte[] {'a', ':', (byte) 0xff});
    Assertions.assertThatThrownBy(() -> Htpasswd.read(file))
        .hasMessageContaining(file + " is not UTF-8");
  }

  /** With the cost of the others; of cost 16 the decoy would take seconds, of cost 4 nothing. */
  @Test
  void aUserWhoIsNotThereTakesAsMuchTime() throws IOException {
    Htpasswd cheap = read("ci:" + hash("$2y", "a"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(2), () -> assertThat(cheap.verify(login("x", "a"))).isFalse());

    Htpasswd costly = read("ci:" + BCrypt.hashpw("a", BCrypt.gensalt("$2y", 13)));
    long beganNanos = System.nanoTime();
    costly.verify(login("ci", "b"));
    long betweenNanos = System.nanoTime();
    costly.verify(login("x", "b"));
    long endedNanos = System.nanoTime();
    assertThat((double) (endedNanos - betweenNanos) / (betweenNanos - beganNanos))
        .isBetween(0.1, 10.0);
  }
}
