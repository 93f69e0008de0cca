package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.real.ImageClient.Pulled;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RealTest
final class NginxTest {

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void require() {
    Programs.require("nginx");
  }

  @Test
  void servesFiles(@TempDir Path files) throws Exception {
    Files.writeString(files.resolve("a.txt"), "hello");
    try (Nginx nginx = Nginx.serving(files)) {
      HttpResponse<String> found = get(nginx.uri().resolve("/a.txt"));
      HttpResponse<String> missing = get(nginx.uri().resolve("/b.txt?x=1"));

      assertThat(found.body()).isEqualTo("hello");
      assertThat(missing.statusCode()).isEqualTo(404);
      assertThat(nginx.requests().stream().map(LoggedRequest::toString))
          .containsExactly("GET /a.txt -> 200", "GET /b.txt?x=1 -> 404");
    }
  }

  @Test
  void slowsARegistryDown() {
    Programs.require("docker-registry", "skopeo");
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.layer(500_000));
    try (DockerRegistry registry = DockerRegistry.started();
        Nginx nginx = Nginx.inFrontOf(registry.uri(), "limit_rate 500k;");
        Skopeo skopeo = new Skopeo()) {
      registry.push(image, "demo", "v1");
      skopeo.registries(RegistriesConf.empty().insecure(nginx.authority()));
      long started = System.nanoTime();

      assertThat(skopeo.pull(nginx.authority() + "/demo:v1")).isEqualTo(Pulled.of(image));

      assertThat(Duration.ofNanos(System.nanoTime() - started))
          .isGreaterThan(Duration.ofMillis(700));
      assertThat(registry.count("GET", "/v2/demo/blobs/.*")).isEqualTo(2);
    }
  }

  @Test
  void answersAsItIsTold() throws Exception {
    try (Nginx nginx = Nginx.started("location / { return 503 busy; }")) {
      HttpResponse<String> response = get(nginx.uri().resolve("/v2/"));

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).isEqualTo("busy");

      nginx.kill();
      nginx.start();
      assertThat(get(nginx.uri()).statusCode()).isEqualTo(503);
    }
  }

  private HttpResponse<String> get(URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
