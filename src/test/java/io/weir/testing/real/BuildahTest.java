package io.weir.testing.real;

import java.util.List;

final class BuildahTest extends ImageClientContract {

  @Override
  List<String> programs() {
    return List.of("buildah");
  }

  @Override
  ImageClient start(DockerRegistry mirror) {
    Buildah buildah = new Buildah();
    buildah.registries(RegistriesConf.ofMirror(mirror));
    return buildah;
  }
}
