package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Config;
import io.weir.config.ConfigPrinter;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Buildah;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Dockerd;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestCertificate;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  /** The clients that can be kept from the source. */
  enum Client {
    CONTAINERD,
    PODMAN,
    BUILDAH,
    SKOPEO;

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

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  @AutoClose private DockerRegistry source;
  @AutoClose private DockerRegistry origin;
  private Path node;

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
    node = folder.resolve("node");
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

  private void layOut(String runtime, WeirServer.Builder builder, WeirServer weir, String... more)
      throws IOException {
    Path file =
        Files.writeString(folder.resolve("weir.yaml"), ConfigPrinter.toYaml(builder.config()));
    List<String> arguments =
        new ArrayList<>(List.of("client-config", runtime, "--config", file.toString()));
    arguments.addAll(List.of("--host", "127.0.0.1:" + weir.port(), "--output", node.toString()));
    arguments.addAll(List.of(more));
    StringWriter err = new StringWriter();
    int status =
        Main.run(
            new Terminal(
                new BufferedReader(new StringReader("")),
                new PrintWriter(new StringWriter(), true),
                new PrintWriter(err, true),
                Map.of(),
                false,
                InstantSource.system()),
            arguments.toArray(String[]::new));
    assertThat(status).as(err.toString()).isZero();
  }

  /** Makes the client read the files of the node in place of those of this machine. */
  private void useNode(ImageClient client) throws IOException {
    switch (client) {
      case Containerd containerd -> containerd.hosts(node.resolve("etc/containerd/certs.d"));
      case Podman podman -> {
        podman.registries(dropIn());
        copyCertificates(podman.home());
      }
      case Buildah buildah -> {
        buildah.registries(dropIn());
        copyCertificates(buildah.home());
      }
      case Skopeo skopeo -> {
        skopeo.registries(dropIn());
        copyCertificates(skopeo.home());
      }
      default -> throw new IllegalArgumentException(client.toString());
    }
  }

  private RegistriesConf dropIn() throws IOException {
    return new RegistriesConf(
        Files.readString(node.resolve("etc/containers/registries.conf.d/50-weir.conf")));
  }

  private void copyCertificates(Path home) throws IOException {
    Path certificates = node.resolve("etc/containers/certs.d");
    if (Files.exists(certificates)) {
      copy(certificates, home.resolve(".config/containers/certs.d"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.resolveSibling("."));
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            return FileVisitResult.CONTINUE;
          }
        });
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
  void pullsGoThroughTheServer(Client kind) throws IOException {
    WeirServer.Builder builder = weir();
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      layOut(kind.runtime(), builder, weir);
      useNode(client);

      assertPulls(client);

      assertThat(source.requests()).isEmpty();
      assertThat(origin.requests()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutTheServerTheSourceIsAsked(Client kind) throws IOException {
    WeirServer.Builder builder = weir();
    try (ImageClient client = kind.start()) {
      try (WeirServer weir = builder.start()) {
        layOut(kind.runtime(), builder, weir);
      }
      useNode(client);

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
  void withOnlyTheMirrorTheSourceIsNeverAsked(Client kind) throws IOException {
    try (Door door = new Door();
        ImageClient client = kind.start()) {
      WeirServer.Builder builder = weir(door.authority(), origin.uri());
      WeirServer weir = builder.start();
      try (weir) {
        layOut(kind.runtime(), builder, weir, "--only-mirror");
        useNode(client);
        assertPulls(client, door.authority());
        assertFails(client, door.authority() + "/library/missing:v1");
      }
      client.forgetAll();
      assertFails(client, door.authority() + "/" + DEMO + ":v1");
      assertThat(door.visits()).isZero();

      layOut(kind.runtime(), builder, weir, "--force");
      useNode(client);
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
  void certificatesLieWhereTheClientLooks(Client kind) throws IOException {
    TestCertificate certificate = TestCertificate.selfSigned(folder);
    Path trusted = certificate.certificate();
    WeirServer.Builder builder =
        weir().tls(new Config.Tls(trusted, certificate.key(), Optional.of(trusted)));
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      layOut(kind.runtime(), builder, weir, "--only-mirror", "--ca", trusted.toString());
      Path own = node.resolve("etc/containers/certs.d/127.0.0.1:" + weir.port());
      if (kind == Client.CONTAINERD) {
        own = node.resolve("etc/containerd/certs.d");
        Files.copy(trusted, own.resolve("weir-client.crt"));
        Files.copy(certificate.key(), own.resolve("weir-client.key"));
      } else {
        Files.copy(trusted, own.resolve("client.cert"));
        Files.copy(certificate.key(), own.resolve("client.key"));
      }
      useNode(client);

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
  void anUpstreamWithoutAHostForANameIsFoundByItsUrl(Client kind) throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data")).upstream("lab", source.uri());
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      layOut(kind.runtime(), builder, weir, "--only-mirror");
      useNode(client);

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
      layOut("docker", builder, weir);
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
