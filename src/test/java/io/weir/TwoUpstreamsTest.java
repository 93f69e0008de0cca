package io.weir;

import static io.weir.RealClients.HUB;
import static io.weir.RealClients.QUAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.TagsConfig;
import io.weir.testing.WeirServer;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two registries behind one port, with the same repository and the same tag in both, and something
 * else below it. docker.io is the default, so a client that means quay.io has to be understood.
 */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoUpstreamsTest {

  private static final String DEMO = "library/demo";

  @TempDir private static Path data;

  private final TestImage atHub = TestImages.oci().multiArch();
  private final TestImage atQuay = TestImages.docker().multiArch();

  @AutoClose private RealClients clients;
  @AutoClose private DockerRegistry hub;
  @AutoClose private DockerRegistry quay;
  @AutoClose private WeirServer weir;

  @BeforeAll
  void start() throws IOException {
    clients = RealClients.started();
    hub = DockerRegistry.started();
    quay = DockerRegistry.started();
    hub.push(atHub, DEMO, "v1");
    quay.push(atQuay, DEMO, "v1");
    weir =
        WeirServer.in(data)
            .tags(Duration.ofHours(1), TagsConfig.StaleIfError.ALWAYS)
            .defaultUpstream(HUB)
            .upstream(HUB, hub.uri())
            .upstream(QUAY, upstream -> upstream.host("localhost"), quay.uri())
            .start();
    clients.pullThrough(weir);
  }

  @BeforeEach
  void forget() {
    clients.forgetAll();
  }

  /** Docker's daemon has mirrors for docker.io only, so quay.io stands in the reference. */
  private String quayFor(ImageClient client) {
    return client.equals(clients.dockerd()) ? "127.0.0.1:" + weir.port() + "/" + QUAY : QUAY;
  }

  @Test
  void eachClientGetsEachRegistrysOwnWhenAllPullAtTheSameTime() throws Exception {
    List<Callable<Pulled>> pulls = new ArrayList<>();
    List<Pulled> expected = new ArrayList<>();
    for (ImageClient client : clients.all()) {
      pulls.add(() -> client.pull(HUB + "/" + DEMO + ":v1"));
      expected.add(Pulled.of(atHub));
      pulls.add(() -> client.pull(quayFor(client) + "/" + DEMO + ":v1"));
      expected.add(Pulled.of(atQuay));
    }

    assertThat(RealClients.atOnce(pulls)).isEqualTo(expected);
    assertThat(Cost.asked(hub))
        .filteredOn(request -> request.contains(DEMO))
        .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms(DEMO, "v1", atHub));
    assertThat(Cost.asked(quay))
        .filteredOn(request -> request.contains(DEMO))
        .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms(DEMO, "v1", atQuay));
  }

  @Test
  void theHostDecidesBeforeTheDefault() {
    String reference = "localhost:" + weir.port() + "/" + DEMO + ":v1";

    assertThat(clients.containerd().pull(reference)).isEqualTo(Pulled.of(atQuay));
    assertThat(clients.dockerd().pull(reference)).isEqualTo(Pulled.of(atQuay));
  }

  /** What one registry showed is not given out in the name of the other. */
  @Test
  void whatOneRegistryHasIsNotFoundAtTheOther() {
    TestImage image = TestImages.oci().multiArch();
    quay.push(image, "team/only-here", "v1");
    String ofQuay = "/team/only-here@" + image.digest();
    for (ImageClient client : clients.all()) {
      assertThat(client.pull(quayFor(client) + ofQuay)).isEqualTo(Pulled.of(image));
      client.forgetAll();
      assertThatThrownBy(() -> client.pull(HUB + ofQuay))
          .as(RealClients.name(client))
          .isInstanceOf(AssertionError.class);
    }
  }
}
