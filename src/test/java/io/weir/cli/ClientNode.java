package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.ConfigPrinter;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Buildah;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.Podman;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of a node, as {@code weir client-config --output} lays them out. */
final class ClientNode {

  private final Path folder;
  private final Path node;

  /**
   * A node without files.
   *
   * @param folder for its files and the server's configuration
   */
  ClientNode(Path folder) {
    this.folder = folder;
    this.node = folder.resolve("node");
  }

  /** Where a file of the node is. */
  Path resolve(String path) {
    return node.resolve(path);
  }

  /**
   * Runs the command for a server that runs.
   *
   * @param builder what the server was made of
   */
  void layOut(String runtime, WeirServer.Builder builder, WeirServer weir, String... more)
      throws IOException {
    Path file =
        Files.writeString(folder.resolve("weir.yaml"), ConfigPrinter.toYaml(builder.config()));
    List<String> arguments =
        new ArrayList<>(List.of("client-config", runtime, "--config", file.toString()));
    arguments.addAll(List.of("--host", "127.0.0.1:" + weir.port(), "--output", node.toString()));
    arguments.addAll(List.of(more));
    run(arguments);
  }

  /** Runs {@code weir} with arguments, which has to end well. */
  static void run(List<String> arguments) {
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
  void use(ImageClient client) throws IOException {
    switch (client) {
      case Containerd containerd -> containerd.hosts(resolve("etc/containerd/certs.d"));
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
        Files.readString(resolve("etc/containers/registries.conf.d/50-weir.conf")));
  }

  private void copyCertificates(Path home) throws IOException {
    Path certificates = resolve("etc/containers/certs.d");
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

  /**
   * Lays the certificate of a client where the files say that it has to lie.
   *
   * @param authority of the server
   */
  void giveCertificate(PullingClient kind, String authority, Path certificate, Path key)
      throws IOException {
    if (kind == PullingClient.CONTAINERD) {
      Path own = resolve("etc/containerd/certs.d");
      Files.copy(certificate, own.resolve("weir-client.crt"));
      Files.copy(key, own.resolve("weir-client.key"));
    } else {
      Path own = resolve("etc/containers/certs.d/" + authority);
      Files.copy(certificate, own.resolve("client.cert"));
      Files.copy(key, own.resolve("client.key"));
    }
  }

  /**
   * Gives a client a name and a password where it looks for them.
   *
   * @param client which has not read the files of the node yet
   * @param authority of the server
   */
  void giveLogin(
      PullingClient kind, ImageClient client, String authority, String user, String password)
      throws IOException {
    String login =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    if (kind == PullingClient.CONTAINERD) {
      uncommentLogins(login);
      return;
    }
    Path home =
        switch (client) {
          case Podman podman -> podman.home();
          case Buildah buildah -> buildah.home();
          case Skopeo skopeo -> skopeo.home();
          default -> throw new IllegalArgumentException(client.toString());
        };
    Path file = home.resolve(".docker/config.json");
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(
        file, "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(authority, login));
  }

  /** As the comment in the file says it. */
  private void uncommentLogins(String login) throws IOException {
    try (Stream<Path> files = Files.walk(resolve("etc/containerd/certs.d"))) {
      for (Path file :
          (Iterable<Path>) files.filter(path -> path.endsWith("hosts.toml"))::iterator) {
        String text = Files.readString(file);
        String changed =
            text.replaceAll("# (\\[.*header\\])", "$1")
                .replaceAll("# +(Authorization = .*)", "$1")
                .replace("BASE64_OF_USERNAME:PASSWORD", login);
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(file, changed);
      }
    }
  }
}
