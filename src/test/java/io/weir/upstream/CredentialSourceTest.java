package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.Repository;
import io.weir.testing.FakeClock;
import io.weir.upstream.Credential.IdentityToken;
import io.weir.upstream.Credential.Login;
import io.weir.upstream.Credential.RegistryToken;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialSourceTest {

  @TempDir Path folder;

  private final FakeClock clock = new FakeClock();
  private final Map<String, String> environment = new HashMap<>();
  private final Endpoint quay = Endpoint.of(URI.create("https://quay.io/myorg"));
  private final Endpoint hub = Endpoint.of(URI.create("https://registry-1.docker.io"));
  private final Repository app = Repository.parse("app");

  private CredentialSource source(@Nullable Credentials credentials) {
    Harness harness = new Harness();
    harness.urls = List.of(URI.create("https://quay.io"));
    harness.credentials = Optional.ofNullable(credentials);
    return CredentialSource.of(harness.config(), clock, environment);
  }

  private CredentialSource dockerConfig(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    return source(new Credentials.DockerConfig(file, Duration.ofHours(1)));
  }

  private CredentialSource passwordFile(Path file) {
    return source(new Credentials.Login("me", new SecretSource.InFile(file)));
  }

  private static Credential find(
      CredentialSource source, Endpoint endpoint, @Nullable Repository in) {
    return source.find(endpoint, in, Deadline.in(Duration.ofSeconds(30)));
  }

  private boolean renew(CredentialSource source, Credential refused) {
    return source.renew(quay, app, refused, Deadline.in(Duration.ofSeconds(30)));
  }

  @Test
  void withoutCredentialsOneIsNobody() {
    CredentialSource none = source(null);
    assertThat(none.isConfigured()).isFalse();
    assertThat(find(none, quay, app)).isEqualTo(Credential.ANONYMOUS);
    assertThat(renew(none, Credential.ANONYMOUS)).isFalse();
    assertThat(none.status()).isEmpty();
  }

  @Test
  void aPasswordFileIsReadWithoutItsLineEnd() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), " s3 cret \r\n");
    assertThat(find(passwordFile(file), quay, app)).isEqualTo(new Login("me", " s3 cret "));
  }

  @Test
  void aPasswordMayStandInTheEnvironment() {
    Credentials login = new Credentials.Login("me", new SecretSource.InEnvironment("PW"));
    environment.put("PW", "x");
    CredentialSource source = source(login);
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "x"));
    assertThat(renew(source, new Login("me", "x"))).isFalse();
    assertThat(source.status())
        .contains(
            new CredentialStatus(
                "password-env PW",
                Optional.of("me"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    environment.clear();
    assertThatThrownBy(() -> find(source(login), quay, app))
        .hasMessage("scripted: no credentials: the environment variable PW is not set");
  }

  @Test
  void aFileIsReadAgainWhenItHasChanged() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "one");
    CredentialSource source = passwordFile(file);
    assertThat(find(source, quay, null)).isEqualTo(new Login("me", "one"));

    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    assertThat(find(source, quay, null)).isEqualTo(new Login("me", "two"));

    Files.writeString(file, "3rd");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    assertThat(find(source, quay, null)).isEqualTo(new Login("me", "two"));
    assertThat(renew(source, new Login("me", "two"))).isTrue();
    assertThat(find(source, quay, null)).isEqualTo(new Login("me", "3rd"));
    assertThat(renew(source, new Login("me", "two"))).as("another's refusal").isTrue();
    assertThat(renew(source, new Login("me", "3rd"))).isFalse();
  }

  /** The folder that is linked to is another one; its files may be as old and as long as before. */
  @Test
  void aSecretOfKubernetesIsReadAgainWhenItsLinkIsTurned() throws IOException {
    Instant time = Instant.parse("2026-01-01T00:00:00Z");
    for (String version : new String[] {"one", "two"}) {
      Path file = Files.createDirectory(folder.resolve(version)).resolve("password");
      Files.writeString(file, version);
      Files.setLastModifiedTime(file, FileTime.from(time));
    }
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("one"));
    Path mounted = Files.createSymbolicLink(folder.resolve("password"), Path.of("..data/password"));
    CredentialSource source = passwordFile(mounted);
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "one"));

    Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("two"));
    Files.move(
        folder.resolve("..data_tmp"),
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "two"));
  }

  @Test
  void aFileThatIsGoneLeavesWhatItSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "one");
    CredentialSource source = passwordFile(file);
    find(source, quay, app);
    Files.writeString(file, "\n");
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "one"));
    Files.delete(file);
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "one"));
    assertThat(renew(source, new Login("me", "one"))).isFalse();
    assertThat(source.status())
        .contains(
            new CredentialStatus(
                "password-file " + file,
                Optional.of("me"),
                Optional.of(clock.instant()),
                Optional.empty(),
                Optional.of(
                    new CredentialStatus.Failure(
                        "password cannot be read: it is not there", clock.instant()))));
  }

  @Test
  void aFileThatNeverWasIsNamedWithoutItsFolder() {
    assertThatThrownBy(() -> find(passwordFile(folder.resolve("absent")), quay, app))
        .isInstanceOf(UpstreamException.class)
        .hasMessage("scripted: no credentials: absent cannot be read: it is not there");
  }

  @Test
  void dockerHubHasManyNames() throws IOException {
    for (String key :
        new String[] {
          "https://index.docker.io/v1/",
          "http://index.docker.io/v2",
          "index.docker.io",
          "docker.io",
          "docker.io/",
          "registry-1.docker.io/v2/"
        }) {
      CredentialSource source =
          dockerConfig("{\"auths\":{\"" + key + "\":{\"auth\":\"dXNlcjpwYTpzcw==\"}}}");
      assertThat(find(source, hub, app)).as(key).isEqualTo(new Login("user", "pa:ss"));
      assertThat(find(source, quay, app)).as(key).isEqualTo(Credential.ANONYMOUS);
    }
  }

  @Test
  void aPortIsPartOfTheKey() throws IOException {
    CredentialSource source =
        dockerConfig(
            """
            {"auths": {
              "HTTPS://Lab.example.net:5000/v2/": {"username": "a", "password": "1"},
              "lab.example.net": {"username": "b", "password": "2"}
            }}\
            """);
    assertThat(find(source, Endpoint.of(URI.create("http://lab.example.net:5000")), app))
        .isEqualTo(new Login("a", "1"));
    assertThat(find(source, Endpoint.of(URI.create("https://lab.example.net")), app))
        .isEqualTo(new Login("b", "2"));
    assertThat(find(source, Endpoint.of(URI.create("https://lab.example.net:5001")), app))
        .isEqualTo(Credential.ANONYMOUS);
  }

  @Test
  void theLongestPathDecides() throws IOException {
    CredentialSource source =
        dockerConfig(
            """
            {"auths": {
              "quay.io": {"username": "a", "password": "1"},
              "quay.io/myorg": {"username": "b", "password": "2"},
              "https://quay.io/myorg/app": {"username": "c", "password": "3"}
            }}\
            """);
    assertThat(find(source, quay, app)).isEqualTo(new Login("c", "3"));
    assertThat(find(source, quay, Repository.parse("application"))).isEqualTo(new Login("b", "2"));
    assertThat(find(source, quay, null)).isEqualTo(new Login("b", "2"));
    assertThat(find(source, Endpoint.of(URI.create("https://quay.io")), app))
        .isEqualTo(new Login("a", "1"));
  }

  @Test
  void everyKindOfEntryIsUnderstood() throws IOException {
    CredentialSource source =
        dockerConfig(
            """
            {"auths": {
              "quay.io/myorg/refresh": {"auth": "Z3VpZDo=", "identitytoken": "r"},
              "quay.io/myorg/marked": {"username": "<token>", "password": "m"},
              "quay.io/myorg/bearer": {"registrytoken": "t"},
              "quay.io/myorg/broken": {"auth": "%%%"},
              "quay.io/myorg/padded": {"auth": "dTpwAAA="}
            }}\
            """);
    assertThat(find(source, quay, Repository.parse("refresh")))
        .isEqualTo(new IdentityToken("guid", "r"));
    assertThat(find(source, quay, Repository.parse("marked")))
        .isEqualTo(new IdentityToken("<token>", "m"));
    assertThat(find(source, quay, Repository.parse("bearer"))).isEqualTo(new RegistryToken("t"));
    assertThat(find(source, quay, Repository.parse("broken"))).isEqualTo(Credential.ANONYMOUS);
    assertThat(find(source, quay, Repository.parse("padded"))).isEqualTo(new Login("u", "p"));
  }

  @Test
  void theOldFormIsTheInnerMapAlone() throws IOException {
    CredentialSource source =
        dockerConfig("{\"https://quay.io\":{\"username\":\"a\",\"password\":\"1\"}}");
    assertThat(find(source, quay, app)).isEqualTo(new Login("a", "1"));
  }

  @Test
  void whatIsNoDockerConfigIsRefusedAndNotQuoted() {
    for (String text :
        new String[] {"s3cret", "{\"auths\": {\"a\": s3cret}}", "[\"s3cret\"]", ""}) {
      assertThatThrownBy(() -> find(dockerConfig(text), quay, app))
          .hasMessage("scripted: no credentials: config.json cannot be read: it is no JSON object")
          .hasNoCause();
    }
  }

  // Helpers that a Docker configuration names

  private HelperProgram helper(String name) {
    environment.put("PATH", folder + ":/usr/bin:/bin");
    return new HelperProgram(folder, "docker-credential-" + name);
  }

  @Test
  void theHelperOfTheRegistryIsAskedBeforeAllElse() throws IOException {
    helper("ecr-login").gives("AWS", "pw");
    CredentialSource source =
        dockerConfig(
            """
            {"auths": {"quay.io/myorg/app": {"username": "a", "password": "1"}},
             "credHelpers": {"https://quay.io/": "ecr-login"}, "credsStore": "absent"}\
            """);
    assertThat(find(source, quay, app)).isEqualTo(new Login("AWS", "pw"));
    assertThat(helper("ecr-login").asked()).containsExactly("quay.io");
    CredentialStatus status = source.status().orElseThrow();
    assertThat(status.source())
        .isEqualTo("docker-config " + folder.resolve("config.json") + " (credHelpers ecr-login)");
    assertThat(status.username()).contains("AWS");
    assertThat(status.until()).contains(clock.instant().plus(Duration.ofHours(1)));
  }

  @Test
  void theHelperForAllIsAskedForWhatDoesNotStandInTheFile() throws IOException {
    helper("pass").gives("<token>", "refresh");
    CredentialSource source =
        dockerConfig(
            """
            {"auths": {"quay.io": {"username": "a", "password": "1"}, "docker.io": {}},
             "credsStore": "pass"}\
            """);
    assertThat(find(source, quay, app)).isEqualTo(new Login("a", "1"));
    assertThat(source.status().orElseThrow().source()).endsWith("config.json (auths quay.io)");
    assertThat(find(source, hub, app)).isEqualTo(new IdentityToken("<token>", "refresh"));
    assertThat(helper("pass").asked()).containsExactly("https://index.docker.io/v1/");
    assertThat(source.status().orElseThrow().username()).isEmpty();
  }

  @Test
  void whoTheHelperForAllDoesNotKnowIsNobody() throws IOException {
    helper("pass").does("echo 'credentials not found in native keychain'; exit 1");
    CredentialSource source = dockerConfig("{\"credsStore\": \"pass\"}");
    assertThat(find(source, quay, app)).isEqualTo(Credential.ANONYMOUS);

    helper("pass").gives("me", "since then");
    clock.advance(Duration.ofSeconds(30));
    assertThat(renew(source, Credential.ANONYMOUS)).isTrue();
    assertThat(find(source, quay, app)).isEqualTo(new Login("me", "since then"));
  }

  @Test
  void theNameOfAHelperLeadsNowhereElse() throws IOException {
    for (String name : new String[] {"../evil", "a/b", "-x", "a b"}) {
      CredentialSource source = dockerConfig("{\"credHelpers\":{\"quay.io\":\"" + name + "\"}}");
      assertThatThrownBy(() -> find(source, quay, app))
          .hasMessage(
              "scripted: no credentials: credHelpers of config.json names what cannot be a helper");
    }
  }

  @Test
  void noCredentialIsEverPrinted() {
    for (Credential credential :
        new Credential[] {
          new Login("name", "secret"),
          new IdentityToken("name", "secret"),
          new RegistryToken("secret")
        }) {
      assertThat(credential.toString()).doesNotContain("secret").doesNotContain("name");
    }
  }
}
