package io.weir;

import static io.weir.RealClients.HUB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.WeirServer;
import io.weir.testing.real.Command;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The folder of the store is an image layout: other programs find in it what was pulled. */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreAsLayoutTest {

  private static final String DEMO = HUB + "/library/demo";

  @TempDir private static Path data;

  private final TestImage oci = TestImages.oci().multiArch();
  private final TestImage docker = TestImages.docker().multiArch();

  @AutoClose private Skopeo skopeo;

  @BeforeAll
  void pullAndClose() throws IOException {
    Programs.require("docker-registry", "skopeo", "umoci");
    skopeo = new Skopeo();
    try (DockerRegistry upstream = DockerRegistry.started();
        WeirServer weir = WeirServer.in(data).upstream(HUB, upstream.uri()).start()) {
      upstream.push(oci, "library/demo", "oci");
      upstream.push(docker, "library/demo", "docker");
      skopeo.registries(RegistriesConf.empty().mirror(HUB, "127.0.0.1:" + weir.port() + "/" + HUB));
      assertThat(skopeo.copyAll(DEMO + ":oci").digests()).isEqualTo(oci.digests());
      assertThat(skopeo.copyAll(DEMO + ":docker").digests()).isEqualTo(docker.digests());
    }
  }

  private static String stored(String tag) {
    return "oci:" + data + ":" + DEMO + ":" + tag;
  }

  @Test
  void skopeoInspectsWhatWasPulled() {
    Command.Outcome index = skopeo.command("inspect", "--raw", stored("oci")).run().orFail();
    Command.Outcome config = skopeo.command("inspect", "--config", "--raw", stored("oci")).run();

    assertThat(index.output()).isEqualTo(new String(oci.manifest().bytes(), UTF_8));
    assertThat(config.orFail().output())
        .isEqualTo(new String(oci.here().config().orElseThrow().bytes(), UTF_8));
  }

  @Test
  void skopeoCopiesItWithEveryByte() {
    assertThat(skopeo.copyAllFrom(stored("oci")).digests()).isEqualTo(oci.digests());
  }

  /** containers/image, in skopeo and podman, overlooks Docker's format in a layout. */
  @Test
  void containerdImportsDockersFormatToo(@TempDir Path folder) {
    Programs.require("containerd", "ctr");
    Programs.requireRoot();
    Path archive = folder.resolve("store.tar");
    Command.of("tar", "--create", "--file", archive.toString(), "--directory", data.toString())
        .with("oci-layout", "index.json", "blobs")
        .run()
        .orFail();
    try (Containerd containerd = Containerd.started()) {
      containerd
          .ctr("images", "import", "--all-platforms", "--snapshotter", "native")
          .with("--base-name", DEMO, archive.toString())
          .run()
          .orFail();

      assertThat(containerd.stored()).containsAll(docker.digests()).containsAll(oci.digests());
      assertThat(containerd.ctr("images", "list").run().orFail().output())
          .containsPattern(DEMO + ":docker .*" + docker.digest())
          .containsPattern(DEMO + ":oci .*" + oci.digest());
    }
  }

  @Test
  void podmanPullsFromIt() {
    Programs.require("podman");
    Programs.requireRoot();
    try (Podman podman = new Podman()) {
      String id = podman.command("pull", "--quiet", stored("oci")).run().orFail().text();

      assertThat(id).isEqualTo(oci.here().id().hex());
    }
  }

  @Test
  void umociListsIt() {
    String list = Command.of("umoci", "list", "--layout", data.toString()).run().orFail().text();

    assertThat(list.lines()).contains(DEMO + ":oci", DEMO + ":docker");
  }
}
