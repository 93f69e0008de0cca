package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Config;
import io.weir.testing.WeirServer;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Dockerd;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.TestCertificate;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real clients with the files that {@code weir client-config --output} lays out. Their references
 * name a registry that counts who comes to it; the server is told to find the images elsewhere.
 */
@RealTest
class ClientConfigPullTest {

  private static final String DEMO = "library/demo";

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  @AutoClose private DockerRegistry source;
  @AutoClose private DockerRegistry origin;
  private ClientNode node;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "containerd", "ctr", "podman", "buildah", "skopeo");
    Programs.require("dockerd", "curl");
    Programs.requireRoot();
    source = DockerRegistry.started();
    origin = DockerRegistry.started();
    source.push(image, DEMO, "v1");
    origin.push(image, DEMO, "v1");
    source.forgetRequests();
    node = new ClientNode(folder);
  }

  /** A server that stands in front of the source, and fetches from the first of the URLs. */
  private WeirServer.Builder weir(String name, URI... urls) {
    return WeirServer.in(folder.resolve("data"))
        .upstream(name, upstream -> upstream.alias("lab"), urls);
  }

  /** In front of the source, to which clients could go by HTTP. */
  private WeirServer.Builder weir() {
    return weir(source.authority(), origin.uri(), source.uri());
  }

  private void assertPulls(ImageClient client) {
    assertPulls(client, source.authority());
  }

  private void assertPulls(ImageClient client, String registry) {
    for (String reference : List.of(":v1", "@" + image.digest())) {
      client.forgetAll();
      assertThat(client.pull(registry + "/" + DEMO + reference))
          .as(reference)
          .isEqualTo(Pulled.of(image));
    }
  }

  @ParameterizedTest
  @EnumSource
  void pullsGoThroughTheServer(PullingClient kind) throws IOException {
    WeirServer.Builder builder = weir();
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      node.layOut(kind.runtime(), builder, weir);
      node.use(client);

      assertPulls(client);

      assertThat(source.requests()).isEmpty();
      assertThat(origin.requests()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutTheServerTheSourceIsAsked(PullingClient kind) throws IOException {
    WeirServer.Builder builder = weir();
    try (ImageClient client = kind.start()) {
      try (WeirServer weir = builder.start()) {
        node.layOut(kind.runtime(), builder, weir);
      }
      node.use(client);

      assertPulls(client);

      assertThat(source.requests()).isNotEmpty();
    }
  }

  /** A source of which only matters whether somebody came, whatever he wanted to say. */
  private static final class Door implements AutoCloseable {

    private final ServerSocket socket;
    private final AtomicInteger visits = new AtomicInteger();

    Door() throws IOException {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(this::turnAway);
    }

    private void turnAway() {
      while (!socket.isClosed()) {
        try (Socket _ = socket.accept()) {
          visits.incrementAndGet();
        } catch (IOException _) {
          // A visitor who has left counts too, and at the end the socket is closed.
        }
      }
    }

    String authority() {
      return "127.0.0.1:" + socket.getLocalPort();
    }

    int visits() {
      return visits.get();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void withOnlyTheMirrorTheSourceIsNeverAsked(PullingClient kind) throws IOException {
    try (Door door = new Door();
        ImageClient client = kind.start()) {
      WeirServer.Builder builder = weir(door.authority(), origin.uri());
      WeirServer weir = builder.start();
      try (weir) {
        node.layOut(kind.runtime(), builder, weir, "--only-mirror");
        node.use(client);
        assertPulls(client, door.authority());
        assertFails(client, door.authority() + "/library/missing:v1");
      }
      client.forgetAll();
      assertFails(client, door.authority() + "/" + DEMO + ":v1");
      assertThat(door.visits()).isZero();

      node.layOut(kind.runtime(), builder, weir, "--force");
      node.use(client);
      assertFails(client, door.authority() + "/" + DEMO + ":v1");
      assertThat(door.visits()).as("without --only-mirror").isPositive();
    }
  }

  private static void assertFails(ImageClient client, String reference) {
    assertThatThrownBy(() -> client.pull(reference)).isInstanceOf(AssertionError.class);
  }

  /** A private CA, and a server that lets in who has a certificate. */
  @ParameterizedTest
  @EnumSource
  void certificatesLieWhereTheClientLooks(PullingClient kind) throws IOException {
    TestCertificate certificate = TestCertificate.selfSigned(folder);
    Path trusted = certificate.certificate();
    WeirServer.Builder builder =
        weir().tls(new Config.Tls(trusted, certificate.key(), Optional.of(trusted)));
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      node.layOut(kind.runtime(), builder, weir, "--only-mirror", "--ca", trusted.toString());
      node.giveCertificate(kind, "127.0.0.1:" + weir.port(), trusted, certificate.key());
      node.use(client);

      assertPulls(client);

      assertThat(source.requests()).isEmpty();
    }
  }

  /**
   * The name of this upstream is no host, so its images are named by its URL; and that is what
   * containerd says in {@code ns}.
   */
  @ParameterizedTest
  @EnumSource
  void anUpstreamWithoutAHostForANameIsFoundByItsUrl(PullingClient kind) throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data")).upstream("lab", source.uri());
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      node.layOut(kind.runtime(), builder, weir, "--only-mirror");
      node.use(client);

      assertPulls(client);

      assertThat(source.requests()).isNotEmpty();
      assertThat(source.requests()).allMatch(request -> request.userAgent().startsWith("weir/"));
    }
  }

  @Test
  void dockerPullsThroughTheServer() throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data"))
            .defaultUpstream("docker.io")
            .upstream("docker.io", origin.uri());
    try (WeirServer weir = builder.start();
        Dockerd docker = Dockerd.started()) {
      node.layOut("docker", builder, weir);
      JsonNode daemon =
          JsonMapper.shared().readTree(Files.readString(node.resolve("etc/docker/daemon.json")));
      docker.mirrors(URI.create(daemon.at("/registry-mirrors/0").asString()));

      for (String reference : List.of(":v1", "@" + image.digest())) {
        docker.forgetAll();
        assertThat(docker.pull("docker.io/" + DEMO + reference)).isEqualTo(Pulled.of(image));
      }

      assertThat(origin.requests()).isNotEmpty();
    }
  }
}
