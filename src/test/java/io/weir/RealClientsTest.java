package io.weir;

import static io.weir.RealClients.HUB;
import static io.weir.RealClients.loopback;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.TagsConfig;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every client, by every way to name an upstream, gets what upstream has; and all of them together
 * cost upstream as much as one. One server answers all tests here, and no request of theirs may
 * reach upstream twice.
 *
 * <p>There is no default upstream: a client that does not name docker.io gets nothing.
 */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealClientsTest {

  private static final String DEMO = "library/demo";

  @TempDir private static Path data;

  private final TestImage oci = TestImages.oci().multiArch();
  private final TestImage docker = TestImages.docker().multiArch();

  @AutoClose private RealClients clients;
  @AutoClose private DockerRegistry hub;
  @AutoClose private WeirServer weir;

  @BeforeAll
  void start() throws IOException {
    clients = RealClients.started();
    hub = DockerRegistry.started();
    hub.push(oci, DEMO, "oci");
    hub.push(docker, DEMO, "docker");
    weir =
        WeirServer.in(data)
            .tags(Duration.ofHours(1), TagsConfig.StaleIfError.ALWAYS)
            .upstream(HUB, upstream -> upstream.host("localhost").ownPort(), hub.uri())
            .start();
  }

  /**
   * A client and a way for it to name docker.io.
   *
   * @param repository what stands before the tag or the digest
   * @param prepare writes its configuration
   */
  record Way(String name, ImageClient client, String repository, Runnable prepare) {
    @Override
    public String toString() {
      return name;
    }
  }

  Stream<Way> ways() {
    String shared = "127.0.0.1:" + weir.port();
    String own = "127.0.0.1:" + weir.portOf(HUB);
    String host = "localhost:" + weir.port();
    String official = HUB + "/" + DEMO;

    List<Way> ways = new ArrayList<>();
    Containerd containerd = clients.containerd();
    URI url = weir.url("");
    URI ownUrl = loopback(weir.portOf(HUB));
    ways.add(containerd("ns", HostsToml.byNamespace(url)));
    ways.add(containerd("path", HostsToml.byPath(url, HUB)));
    ways.add(containerd("path before v2", HostsToml.byPathBeforeV2(url, HUB)));
    ways.add(containerd("own port", HostsToml.byNamespace(ownUrl)));
    ways.add(containerd("host", HostsToml.byNamespace(URI.create("http://" + host))));
    ways.add(way("Containerd by reference", containerd, shared + "/" + official, () -> {}));
    ways.add(way("Containerd by host's reference", containerd, host + "/" + DEMO, () -> {}));

    RegistriesConf known = RegistriesConf.empty().insecure(shared).insecure(own).insecure(host);
    for (ImageClient client : List.of(clients.skopeo(), clients.podman(), clients.buildah())) {
      String name = RealClients.name(client) + " by ";
      ways.add(
          way(
              name + "path",
              client,
              official,
              () -> clients.registries(known.mirror(HUB, shared + "/" + HUB))));
      ways.add(
          way(
              name + "own port",
              client,
              official,
              () -> clients.registries(known.mirror(HUB, own))));
      ways.add(
          way(name + "host", client, official, () -> clients.registries(known.mirror(HUB, host))));
      Runnable prepare = () -> clients.registries(known);
      ways.add(way(name + "reference", client, shared + "/" + official, prepare));
      ways.add(way(name + "own port's reference", client, own + "/" + DEMO, prepare));
      ways.add(way(name + "host's reference", client, host + "/" + DEMO, prepare));
    }

    ways.add(dockerd("own port", ownUrl));
    ways.add(dockerd("host", URI.create("http://" + host)));
    ways.add(way("Dockerd by reference", clients.dockerd(), shared + "/" + official, () -> {}));
    return ways.stream();
  }

  private static Way way(String name, ImageClient client, String repository, Runnable prepare) {
    return new Way(name, client, repository, prepare);
  }

  private Way containerd(String name, HostsToml hosts) {
    Containerd containerd = clients.containerd();
    return way(
        "Containerd by " + name, containerd, HUB + "/" + DEMO, () -> containerd.hosts(HUB, hosts));
  }

  private Way dockerd(String name, URI mirror) {
    return way(
        "Dockerd by " + name,
        clients.dockerd(),
        HUB + "/" + DEMO,
        () -> clients.dockerd().mirrors(mirror));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void everyWayLeadsToTheSameCopy(Way way) {
    way.prepare().run();
    pullByTagAndByDigest(way, "oci", oci);
    pullByTagAndByDigest(way, "docker", docker);

    List<String> least = new ArrayList<>(Cost.ofAllPlatforms(DEMO, "oci", oci));
    least.addAll(Cost.ofAllPlatforms(DEMO, "docker", docker));
    assertThat(Cost.asked(hub))
        .filteredOn(request -> request.contains("/" + DEMO + "/"))
        .doesNotHaveDuplicates()
        .isSubsetOf(least);
  }

  private static void pullByTagAndByDigest(Way way, String tag, TestImage image) {
    way.client().forgetAll();
    assertThat(way.client().pull(way.repository() + ":" + tag)).isEqualTo(Pulled.of(image));
    way.client().forgetAll();
    assertThat(way.client().pull(way.repository() + "@" + image.digest()))
        .isEqualTo(Pulled.of(image));
  }

  private void pointAllAtDockerHub() {
    clients.containerd().hosts(HUB, HostsToml.byNamespace(weir.url("")));
    clients.registries(RegistriesConf.empty().mirror(HUB, "127.0.0.1:" + weir.port() + "/" + HUB));
    clients.dockerd().mirrors(loopback(weir.portOf(HUB)));
  }

  @Test
  void allClientsAtTheSameTimeCostUpstreamAsMuchAsOne() throws Exception {
    TestImage image = TestImages.oci().multiArch();
    hub.push(image, "team/at-once", "v1");
    pointAllAtDockerHub();

    List<Callable<Pulled>> pulls =
        clients.all().stream()
            .<Callable<Pulled>>map(client -> () -> client.pull(HUB + "/team/at-once:v1"))
            .toList();

    assertThat(RealClients.atOnce(pulls)).containsOnly(Pulled.of(image));
    assertThat(Cost.asked(hub))
        .filteredOn(request -> request.contains("/team/at-once/"))
        .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms("team/at-once", "v1", image));
  }

  List<ImageClient> clients() {
    return clients.all();
  }

  @ParameterizedTest(autoCloseArguments = false)
  @MethodSource("clients")
  void aColdPullCostsEachManifestAndBlobOnce(ImageClient client) {
    TestImage image = TestImages.docker().multiArch();
    String repository = "team/cold-" + RealClients.name(client).toLowerCase(Locale.ROOT);
    hub.push(image, repository, "v1");
    pointAllAtDockerHub();

    assertThat(client.pull(HUB + "/" + repository + ":v1")).isEqualTo(Pulled.of(image));

    assertThat(Cost.asked(hub))
        .filteredOn(request -> request.contains("/" + repository + "/"))
        .containsExactlyInAnyOrderElementsOf(
            client.equals(clients.skopeo())
                ? Cost.ofAllPlatforms(repository, "v1", image)
                : Cost.ofThisPlatform(repository, "v1", image));
  }
}
