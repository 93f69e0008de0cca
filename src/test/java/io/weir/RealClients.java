package io.weir;

import io.weir.testing.WeirServer;
import io.weir.testing.real.Buildah;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.Dockerd;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One of each real client, and the ways to point them at a server. */
record RealClients(
    Containerd containerd, Podman podman, Buildah buildah, Skopeo skopeo, Dockerd dockerd)
    implements AutoCloseable {

  /** Where docker.io ends when a client looks for it: a name, and the repositories below it. */
  static final String HUB = "docker.io";

  /** The other registry. */
  static final String QUAY = "quay.io";

  /** Starts all. Skips the test where one of them, or docker-registry, is not installed. */
  static RealClients started() {
    Programs.require("docker-registry", "containerd", "ctr", "podman", "buildah", "skopeo");
    Programs.require("dockerd", "curl");
    Programs.requireRoot();
    return new RealClients(
        Containerd.started(), new Podman(), new Buildah(), new Skopeo(), Dockerd.started());
  }

  /**
   * Makes the server the mirror of docker.io and quay.io for all, at the shared port: containerd
   * says so in {@code ns}, podman, buildah and skopeo in the path; Docker's daemon cannot say it,
   * and means docker.io.
   */
  RealClients pullThrough(WeirServer weir) {
    for (String registry : List.of(HUB, QUAY)) {
      containerd.hosts(registry, HostsToml.byNamespace(weir.url("")));
    }
    String authority = "127.0.0.1:" + weir.port();
    registries(
        RegistriesConf.empty()
            .mirror(HUB, authority + "/" + HUB)
            .mirror(QUAY, authority + "/" + QUAY)
            .insecure(authority));
    dockerd.mirrors(weir.url(""));
    return this;
  }

  /** Replaces what podman, buildah and skopeo know of mirrors. */
  void registries(RegistriesConf conf) {
    podman.registries(conf);
    buildah.registries(conf);
    skopeo.registries(conf);
  }

  /** All of them. */
  List<ImageClient> all() {
    return List.of(containerd, podman, buildah, skopeo, dockerd);
  }

  /** What a client is called in the name of a test. */
  static String name(ImageClient client) {
    return client.getClass().getSimpleName();
  }

  void forgetAll() {
    all().forEach(ImageClient::forgetAll);
  }

  /** Makes all calls at the same time and returns what they gave, in their order. */
  static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = threads.invokeAll(calls);
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  /** The URL of another port on loopback. */
  static URI loopback(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    all().forEach(ImageClient::close);
  }
}
