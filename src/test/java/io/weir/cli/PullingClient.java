package io.weir.cli;

import io.weir.testing.real.Buildah;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Skopeo;
import java.util.Locale;

/** The clients that can be kept from the source. */
enum PullingClient {
  CONTAINERD,
  PODMAN,
  BUILDAH,
  SKOPEO;

  /** As {@code weir client-config} calls it, and the program that says its version. */
  String runtime() {
    return name().toLowerCase(Locale.ROOT);
  }

  ImageClient start() {
    return switch (this) {
      case CONTAINERD -> Containerd.started();
      case PODMAN -> new Podman();
      case BUILDAH -> new Buildah();
      case SKOPEO -> new Skopeo();
    };
  }
}
