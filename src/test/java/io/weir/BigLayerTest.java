package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.WeirServer;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A layer that is long under way, so that those who want it too meet it there. */
@RealTest
class BigLayerTest {

  private static final long LAYER_BYTES = 256L << 20;
  private static final String REGISTRY = "registry.example.net";

  @TempDir private Path folder;

  @AutoClose private DockerRegistry upstream;
  @AutoClose private Containerd containerd;
  @AutoClose private Podman podman;
  @AutoClose private Skopeo skopeo;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "containerd", "ctr", "podman", "skopeo");
    Programs.requireRoot();
    upstream = DockerRegistry.started();
    containerd = Containerd.started();
    podman = new Podman();
    skopeo = new Skopeo();
  }

  /** Each unpacks it too, podman twice: some seconds on a quiet machine with two cores. */
  @Test
  @Timeout(180)
  void threeClientsAtTheSameTimeCostOneTransfer() throws Exception {
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.bigLayer(folder.resolve("layer"), LAYER_BYTES));
    upstream.push(image, "team/big", "v1");
    Duration patience = Duration.ofSeconds(30);
    try (WeirServer weir =
        WeirServer.in(folder.resolve("data"))
            .timeouts(patience, patience, patience)
            .upstream(REGISTRY, upstream.uri())
            .start()) {
      URI url = weir.url("");
      containerd.hosts(REGISTRY, HostsToml.byNamespace(url));
      RegistriesConf mirror =
          RegistriesConf.empty().mirror(REGISTRY, url.getAuthority() + "/" + REGISTRY);
      podman.registries(mirror);
      skopeo.registries(mirror);
      String reference = REGISTRY + "/team/big:v1";

      List<Pulled> pulled =
          RealClients.atOnce(
              List.of(
                  () -> containerd.pull(reference),
                  () -> podman.pull(reference),
                  () -> skopeo.pull(reference)));

      assertThat(pulled).containsOnly(Pulled.of(image));
      assertThat(Cost.asked(upstream))
          .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms("team/big", "v1", image));
    }
  }
}
