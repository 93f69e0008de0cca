package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.Repository;
import io.weir.upstream.Credential.IdentityToken;
import io.weir.upstream.Credential.Login;
import io.weir.upstream.Credential.RegistryToken;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialSourceTest {

  @TempDir Path folder;

  private final Endpoint quay = Endpoint.of(URI.create("https://quay.io/myorg"));
  private final Endpoint hub = Endpoint.of(URI.create("https://registry-1.docker.io"));
  private final Repository app = Repository.parse("app");

  private CredentialSource dockerConfig(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), json);
    return new CredentialSource("test", new Credentials.DockerConfig(file), Map.of());
  }

  private CredentialSource passwordFile(Path file) {
    return new CredentialSource(
        "test", new Credentials.Login("me", new SecretSource.InFile(file)), Map.of());
  }

  @Test
  void withoutCredentialsOneIsNobody() {
    CredentialSource none = new CredentialSource("test", null, Map.of());
    assertThat(none.isConfigured()).isFalse();
    assertThat(none.find(quay, app)).isEqualTo(Credential.ANONYMOUS);
    assertThat(none.reread()).isFalse();
  }

  @Test
  void aPasswordFileIsReadWithoutItsLineEnd() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), " s3 cret \r\n");
    assertThat(passwordFile(file).find(quay, null)).isEqualTo(new Login("me", " s3 cret "));
  }

  @Test
  void aPasswordMayStandInTheEnvironment() {
    Credentials login = new Credentials.Login("me", new SecretSource.InEnvironment("PW"));
    assertThat(new CredentialSource("test", login, Map.of("PW", "x")).find(quay, null))
        .isEqualTo(new Login("me", "x"));
    assertThatThrownBy(() -> new CredentialSource("test", login, Map.of()).find(quay, null))
        .hasMessage("test: no credentials: the environment variable PW is not set");
  }

  @Test
  void aFileIsReadAgainWhenItHasChanged() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "one");
    CredentialSource source = passwordFile(file);
    assertThat(source.find(quay, null)).isEqualTo(new Login("me", "one"));

    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    assertThat(source.find(quay, null)).isEqualTo(new Login("me", "two"));

    Files.writeString(file, "3rd");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    assertThat(source.find(quay, null)).isEqualTo(new Login("me", "two"));
    assertThat(source.reread()).isTrue();
    assertThat(source.find(quay, null)).isEqualTo(new Login("me", "3rd"));
    assertThat(source.reread()).isFalse();
  }

  @Test
  void aFileThatIsGoneLeavesWhatItSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "one");
    CredentialSource source = passwordFile(file);
    source.find(quay, null);
    Files.delete(file);
    assertThat(source.find(quay, null)).isEqualTo(new Login("me", "one"));
    assertThat(source.reread()).isFalse();
  }

  @Test
  void aFileThatNeverWasIsNamedWithoutItsFolder() {
    assertThatThrownBy(() -> passwordFile(folder.resolve("absent")).find(quay, null))
        .isInstanceOf(UpstreamException.class)
        .hasMessage("test: no credentials: absent cannot be read");
  }

  @Test
  void dockerHubHasManyNames() throws IOException {
    for (String key :
        new String[] {
          "https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io/v2/"
        }) {
      CredentialSource source =
          dockerConfig("{\"auths\":{\"" + key + "\":{\"auth\":\"dXNlcjpwYTpzcw==\"}}}");
      assertThat(source.find(hub, app)).as(key).isEqualTo(new Login("user", "pa:ss"));
      assertThat(source.find(quay, app)).as(key).isEqualTo(Credential.ANONYMOUS);
    }
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
    assertThat(source.find(quay, app)).isEqualTo(new Login("c", "3"));
    assertThat(source.find(quay, Repository.parse("application"))).isEqualTo(new Login("b", "2"));
    assertThat(source.find(quay, null)).isEqualTo(new Login("b", "2"));
    assertThat(source.find(Endpoint.of(URI.create("https://quay.io")), app))
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
            }, "credsStore": "desktop"}\
            """);
    assertThat(source.find(quay, Repository.parse("refresh")))
        .isEqualTo(new IdentityToken("guid", "r"));
    assertThat(source.find(quay, Repository.parse("marked")))
        .isEqualTo(new IdentityToken("<token>", "m"));
    assertThat(source.find(quay, Repository.parse("bearer"))).isEqualTo(new RegistryToken("t"));
    assertThat(source.find(quay, Repository.parse("broken"))).isEqualTo(Credential.ANONYMOUS);
    assertThat(source.find(quay, Repository.parse("padded"))).isEqualTo(new Login("u", "p"));
  }

  @Test
  void theOldFormIsTheInnerMapAlone() throws IOException {
    CredentialSource source =
        dockerConfig("{\"https://quay.io\":{\"username\":\"a\",\"password\":\"1\"}}");
    assertThat(source.find(quay, app)).isEqualTo(new Login("a", "1"));
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
