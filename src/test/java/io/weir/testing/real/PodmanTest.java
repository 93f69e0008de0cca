package io.weir.testing.real;

import java.util.List;

final class PodmanTest extends ImageClientContract {

  @Override
  List<String> programs() {
    return List.of("podman");
  }

  @Override
  ImageClient start(DockerRegistry mirror) {
    Podman podman = new Podman();
    podman.registries(RegistriesConf.ofMirror(mirror));
    return podman;
  }
}
