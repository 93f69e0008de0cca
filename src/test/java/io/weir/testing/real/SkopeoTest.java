package io.weir.testing.real;

import java.util.List;

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
}
