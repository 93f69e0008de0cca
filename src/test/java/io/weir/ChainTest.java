package io.weir;

import static io.weir.RealClients.HUB;
import static io.weir.RealClients.loopback;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.WeirServer;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Caches in front of caches, as where one stands in each site and one in each rack. */
@RealTest
class ChainTest {

  private static final String DEMO = "library/demo";

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  private final TestImage byDigest = TestImages.docker().multiArch();

  @AutoClose private DockerRegistry origin;
  @AutoClose private Skopeo skopeo;
  @AutoClose private Containerd containerd;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "skopeo", "containerd", "ctr");
    Programs.requireRoot();
    origin = DockerRegistry.started();
    origin.push(image, DEMO, "v1");
    origin.push(byDigest, DEMO, "v2");
    skopeo = new Skopeo();
    containerd = Containerd.started();
  }

  private WeirServer weir(String name, URI upstream) throws IOException {
    return WeirServer.in(folder.resolve(name))
        .upstream(HUB, config -> config.ownPort(), upstream)
        .start();
  }

  private void assertPulls(URI front) {
    containerd.hosts(HUB, HostsToml.byNamespace(front));
    skopeo.registries(RegistriesConf.empty().mirror(HUB, front.getAuthority()));
    String repository = HUB + "/" + DEMO;

    assertThat(containerd.pull(repository + ":v1")).isEqualTo(Pulled.of(image));
    assertThat(skopeo.copyAll(repository + ":v1").digests()).isEqualTo(image.digests());
    String reference = repository + "@" + byDigest.digest();
    assertThat(containerd.pull(reference)).isEqualTo(Pulled.of(byDigest));
    assertThat(skopeo.copyAll(reference).digests()).isEqualTo(byDigest.digests());
  }

  private List<String> least() {
    List<String> least = new ArrayList<>(Cost.ofAllPlatforms(DEMO, "v1", image));
    least.addAll(Cost.ofAllPlatforms(DEMO, byDigest.digest().toString(), byDigest));
    return least;
  }

  private static List<String> asked(DockerRegistry registry) {
    return Cost.asked(registry).stream().filter(request -> request.contains(DEMO)).toList();
  }

  @Test
  void inFrontOfAnotherPullThroughCache() throws IOException {
    try (DockerRegistry proxy = DockerRegistry.builder().proxyOf(origin.uri()).start();
        WeirServer weir = weir("front", proxy.uri())) {
      assertPulls(loopback(weir.portOf(HUB)));
      assertThat(asked(proxy)).containsExactlyInAnyOrderElementsOf(least());
    }
  }

  /** docker-registry asks for the size of a blob before it fetches it. */
  @Test
  void behindAnotherPullThroughCache() throws IOException {
    try (WeirServer weir = weir("back", origin.uri());
        DockerRegistry proxy =
            DockerRegistry.builder().proxyOf(loopback(weir.portOf(HUB))).start()) {
      assertPulls(proxy.uri());
      assertThat(asked(origin))
          .filteredOn(request -> !request.startsWith("HEAD"))
          .containsExactlyInAnyOrderElementsOf(least());
      assertThat(asked(origin)).doesNotHaveDuplicates();
    }
  }

  @Test
  void inFrontOfItself() throws IOException {
    try (WeirServer back = weir("back", origin.uri());
        WeirServer front = weir("front", loopback(back.portOf(HUB)))) {
      assertPulls(loopback(front.portOf(HUB)));
      assertThat(asked(origin)).containsExactlyInAnyOrderElementsOf(least());
    }
  }

  /** The URL of the one in front has a path, with which it names docker.io to the one behind. */
  @Test
  void inFrontOfItselfByPath() throws IOException {
    try (WeirServer back = weir("back", origin.uri());
        WeirServer front = weir("front", back.url("/" + HUB))) {
      assertPulls(loopback(front.portOf(HUB)));
      assertThat(asked(origin)).containsExactlyInAnyOrderElementsOf(least());
    }
  }
}
