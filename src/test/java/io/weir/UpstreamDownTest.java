package io.weir;

import static io.weir.RealClients.HUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.TagsConfig;
import io.weir.testing.FakeClock;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The upstream is stopped. What was pulled once can be pulled by every client, and what was not
 * fails soon, in words that say whose fault it is.
 *
 * <p>Tags are asked for at every pull: within their refresh time nobody would notice that upstream
 * is gone.
 */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpstreamDownTest {

  private static final String DEMO = HUB + "/library/demo";
  private static final Duration SOON = Duration.ofSeconds(5);

  /** A URL that fails is left alone for this long at most. */
  private static final Duration TRIED_AGAIN = Duration.ofSeconds(30);

  @TempDir private static Path data;

  private final FakeClock clock = new FakeClock();
  private final TestImage image = TestImages.oci().multiArch();

  @AutoClose private RealClients clients;
  @AutoClose private DockerRegistry hub;
  @AutoClose private WeirServer weir;

  @BeforeAll
  void pullOnce() throws IOException {
    clients = RealClients.started();
    hub = DockerRegistry.started();
    hub.push(image, "library/demo", "v1");
    weir = serve(0);
    clients.pullThrough(weir);
    assertThat(clients.skopeo().copyAll(DEMO + ":v1").digests()).isEqualTo(image.digests());
  }

  private WeirServer serve(int port) throws IOException {
    return WeirServer.in(data)
        .port(port)
        .clock(clock)
        .tags(Duration.ZERO, TagsConfig.StaleIfError.ALWAYS)
        .defaultUpstream(HUB)
        .upstream(HUB, hub.uri())
        .start();
  }

  @BeforeEach
  void stopUpstream() {
    clients.forgetAll();
    hub.stop();
    clock.advance(TRIED_AGAIN);
  }

  @AfterEach
  void startUpstream() {
    if (!hub.isRunning()) {
      hub.start();
    }
  }

  List<ImageClient> clients() {
    return clients.all();
  }

  private static Duration timeOf(Runnable call) {
    long begun = System.nanoTime();
    call.run();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private void assertPullsSoon(ImageClient client) {
    for (String reference : List.of(DEMO + ":v1", DEMO + "@" + image.digest())) {
      client.forgetAll();
      assertThat(timeOf(() -> assertThat(client.pull(reference)).isEqualTo(Pulled.of(image))))
          .as("%s pulls %s", RealClients.name(client), reference)
          .isLessThan(SOON);
    }
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("clients")
  void whatWasPulledOnceIsPulledSoon(ImageClient client) {
    assertPullsSoon(client);
  }

  /**
   * What the clients print. Docker's daemon says what docker.io itself answered after its mirror,
   * so there the server is named in the reference.
   */
  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("clients")
  void whatIsNotHereFailsSoonAndNamesUpstream(ImageClient client) {
    String server = client.equals(clients.dockerd()) ? "127.0.0.1:" + weir.port() + "/" : "";
    String missing = server + HUB + "/library/missing:" + RealClients.name(client);
    Duration took =
        timeOf(() ->
            assertThatThrownBy(() -> client.pull(missing))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("docker.io: connection refused")
                .hasMessageContaining(hub.authority()));

    assertThat(took).isLessThan(SOON);
  }

  @Test
  void aServerThatIsStartedMeanwhileServesWhatItHas() throws IOException {
    int port = weir.port();
    weir.close();
    weir = serve(port);

    clients.all().forEach(this::assertPullsSoon);
  }

  @Test
  void newImagesComeAgainOnceUpstreamIsBack() {
    clients.all().forEach(this::assertPullsSoon);
    hub.start();
    Map<ImageClient, TestImage> pushed = new LinkedHashMap<>();
    for (ImageClient client : clients.all()) {
      TestImage fresh = TestImages.docker().multiArch();
      hub.push(fresh, "library/fresh", RealClients.name(client));
      pushed.put(client, fresh);
    }
    clock.advance(TRIED_AGAIN);

    pushed.forEach((client, fresh) ->
        assertThat(client.pull(HUB + "/library/fresh:" + RealClients.name(client)))
            .isEqualTo(Pulled.of(fresh)));
  }
}
