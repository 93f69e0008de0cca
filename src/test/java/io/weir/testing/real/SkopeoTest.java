package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SkopeoTest extends ImageClientContract {

  @Override
  List<String> programs() {
    return List.of("skopeo");
  }

  @Override
  boolean needsRoot() {
    return false;
  }

  @Override
  ImageClient start(DockerRegistry mirror) {
    Skopeo skopeo = new Skopeo();
    skopeo.registries(RegistriesConf.ofMirror(mirror));
    return skopeo;
  }

  /** A repository may be called docker.io/library/demo, so the registry can stand for the cache. */
  @Test
  void theRegistryIsNamedInThePathOfTheMirror() {
    TestImage image = TestImages.oci().multiArch();
    try (DockerRegistry mirror = DockerRegistry.started();
        Skopeo skopeo = new Skopeo()) {
      mirror.push(image, "docker.io/library/demo", "v1");
      skopeo.registries(
          RegistriesConf.empty().mirror("docker.io", mirror.authority() + "/docker.io"));

      assertThat(skopeo.copyAll("docker.io/library/demo:v1").digests()).isEqualTo(image.digests());
    }
  }
}
