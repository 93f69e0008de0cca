package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.testing.AccessEntries;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Buildah;
import io.weir.testing.real.Command;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Dockerd;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.LoggedRequest;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which clients pull, how they find the server, and how they and it trust each other. What works
 * here stands in docs/compatibility.md, and what stands there works here; {@code -Dweir.docs=write}
 * writes it anew, with the versions of this machine.
 */
@RealTest
class CompatibilityTest {

  private static final Path PAGE = Path.of("docs", "compatibility.md");
  private static final String DEMO = "library/demo";
  private static final String USER = "node";
  private static final String PASSWORD = "correct horse";
  private static final Pattern VERSION = Pattern.compile("[0-9]+\\.[0-9]+\\.[0-9]+");

  private static final Set<String> ROWS = new TreeSet<>();

  /** How the two speak, and how a client trusts the server. */
  enum Wire {
    HTTP("HTTP"),
    HTTPS("HTTPS, private CA");

    private final String text;

    Wire(String text) {
      this.text = text;
    }
  }

  /** How the server knows who pulls. */
  enum Login {
    NONE("anonymous"),
    PASSWORD("user and password"),
    CERTIFICATE("client certificate");

    private final String text;

    Login(String text) {
      this.text = text;
    }
  }

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  private final AccessEntries accessLog = new AccessEntries();
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
    origin.push(image, DEMO, "v1");
    origin.forgetRequests();
    node = new ClientNode(folder);
  }

  @AfterAll
  static void writePage() throws IOException {
    if ("write".equals(System.getProperty("weir.docs"))) {
      Files.writeString(
          PAGE, Files.readString(PAGE).replaceFirst("(?s)\n\\| .*?\n\n", "\n" + table() + "\n"));
    }
    assertThat(Files.readString(PAGE).lines().map(CompatibilityTest::withoutVersion))
        .as("docs/compatibility.md; write it anew with -Dweir.docs=write")
        .containsAll(ROWS.stream().map(CompatibilityTest::withoutVersion).toList());
  }

  private static String table() {
    StringBuilder table =
        new StringBuilder("| client | addressing | wire | who pulls | pulled | version |\n");
    table.append("|---|---|---|---|---|---|\n");
    ROWS.forEach(row -> table.append(row).append('\n'));
    return table.toString();
  }

  private static String withoutVersion(String row) {
    return row.replaceFirst("\\| [0-9.]+ \\|$", "|");
  }

  private static void note(String client, String way, Wire wire, Login login) {
    ROWS.add(
        "| %s | %s | %s | %s | tag, digest | %s |"
            .formatted(client, way, wire.text, login.text, version(client)));
  }

  private static String version(String client) {
    String said = Command.of(client, "--version").run().orFail().output();
    Matcher version = VERSION.matcher(said);
    assertThat(version.find()).as(said).isTrue();
    return version.group();
  }

  private Path tls() {
    return folder.resolve("tls");
  }

  /** Makes the server speak so, and know its clients so. */
  private void use(WeirServer.Builder builder, Wire wire, Login login) {
    if (wire == Wire.HTTPS) {
      ClientNode.run(
          List.of(
              "tls",
              "init",
              "--host",
              "127.0.0.1",
              "--client",
              USER,
              "--output",
              tls().toString()));
      Optional<Path> clientCa =
          login == Login.CERTIFICATE ? Optional.of(tls().resolve("ca.crt")) : Optional.empty();
      builder.tls(new Config.Tls(tls().resolve("tls.crt"), tls().resolve("tls.key"), clientCa));
    }
    if (login == Login.PASSWORD) {
      Path users = new Users(folder.resolve("users.htpasswd")).put(USER, PASSWORD).file();
      builder.auth(new Config.Auth(Optional.of(users), Optional.empty(), Map.of()));
    }
  }

  private void layOut(String runtime, WeirServer.Builder builder, WeirServer weir, Wire wire)
      throws IOException {
    if (wire == Wire.HTTPS) {
      node.layOut(runtime, builder, weir, "--ca", tls().resolve("ca.crt").toString());
    } else {
      node.layOut(runtime, builder, weir);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CONTAINERD, HTTP, NONE",
    "CONTAINERD, HTTP, PASSWORD",
    "CONTAINERD, HTTPS, NONE",
    "CONTAINERD, HTTPS, PASSWORD",
    "CONTAINERD, HTTPS, CERTIFICATE",
    "PODMAN, HTTP, NONE",
    "PODMAN, HTTP, PASSWORD",
    "PODMAN, HTTPS, NONE",
    "PODMAN, HTTPS, PASSWORD",
    "PODMAN, HTTPS, CERTIFICATE",
    "BUILDAH, HTTP, NONE",
    "BUILDAH, HTTP, PASSWORD",
    "BUILDAH, HTTPS, NONE",
    "BUILDAH, HTTPS, PASSWORD",
    "BUILDAH, HTTPS, CERTIFICATE",
    "SKOPEO, HTTP, NONE",
    "SKOPEO, HTTP, PASSWORD",
    "SKOPEO, HTTPS, NONE",
    "SKOPEO, HTTPS, PASSWORD",
    "SKOPEO, HTTPS, CERTIFICATE",
  })
  void aMirrorOfTheRegistry(PullingClient kind, Wire wire, Login login) throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data"))
            .accessLog(accessLog)
            .upstream(source.authority(), upstream -> upstream.alias("lab"), origin.uri());
    use(builder, wire, login);
    try (WeirServer weir = builder.start();
        ImageClient client = kind.start()) {
      String authority = "127.0.0.1:" + weir.port();
      layOut(kind.runtime(), builder, weir, wire);
      switch (login) {
        case NONE -> {}
        case PASSWORD -> node.giveLogin(kind, client, authority, USER, PASSWORD);
        case CERTIFICATE ->
            node.giveCertificate(
                kind,
                authority,
                tls().resolve("client-node.crt"),
                tls().resolve("client-node.key"));
      }
      node.use(client);

      assertPulls(client, source.authority());

      assertThat(source.requests()).as("the registry itself").isEmpty();
      note(kind.runtime(), "mirror, by path", wire, login);
    }
  }

  private WeirServer.Builder plain() {
    return WeirServer.in(folder.resolve("data"))
        .accessLog(accessLog)
        .upstream(source.authority(), upstream -> upstream.alias("lab").ownPort(), origin.uri());
  }

  @ParameterizedTest
  @EnumSource
  void aMirrorOfTheRegistryByAPortOfItsOwn(PullingClient kind) throws IOException {
    try (WeirServer weir = plain().start();
        ImageClient client = kind.start()) {
      String authority = "127.0.0.1:" + weir.portOf(source.authority());
      RegistriesConf conf = RegistriesConf.empty().mirror(source.authority(), authority);
      switch (client) {
        // Without ns the port alone would say it; containerd sends both.
        case Containerd containerd ->
            containerd.hosts(
                source.authority(), HostsToml.byNamespace(URI.create("http://" + authority)));
        case Podman podman -> podman.registries(conf);
        case Buildah buildah -> buildah.registries(conf);
        case Skopeo skopeo -> skopeo.registries(conf);
        default -> throw new IllegalArgumentException(client.toString());
      }

      assertPulls(client, source.authority());

      assertThat(source.requests()).as("the registry itself").isEmpty();
      note(kind.runtime(), "mirror, by a port of its own", Wire.HTTP, Login.NONE);
    }
  }

  /** One file for all registries. */
  @Test
  void containerdSaysTheNamespace() throws IOException {
    try (WeirServer weir = plain().start();
        Containerd containerd = Containerd.started()) {
      containerd.hosts("_default", HostsToml.byNamespace(weir.url("")));

      assertPulls(containerd, source.authority());

      assertThat(source.requests()).as("the registry itself").isEmpty();
      note("containerd", "mirror, by ns", Wire.HTTP, Login.NONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"podman", "buildah", "skopeo", "dockerd"})
  void theServerInTheNameOfTheImage(String program) throws IOException {
    try (WeirServer weir = plain().start();
        ImageClient client =
            program.equals("dockerd")
                ? Dockerd.started()
                : PullingClient.valueOf(program.toUpperCase(Locale.ROOT)).start()) {
      String authority = "127.0.0.1:" + weir.port();
      RegistriesConf conf = RegistriesConf.empty().insecure(authority);
      switch (client) {
        case Podman podman -> podman.registries(conf);
        case Buildah buildah -> buildah.registries(conf);
        case Skopeo skopeo -> skopeo.registries(conf);
        default -> assertThat(client).isInstanceOf(Dockerd.class); // loopback may speak HTTP to it
      }

      assertPulls(client, authority + "/lab");

      note(program, "named in the image", Wire.HTTP, Login.NONE);
    }
  }

  /** Docker takes any certificate of a server on loopback, so this does not show whom it trusts. */
  @ParameterizedTest
  @EnumSource
  void dockerPullsFromDockerIo(Wire wire) throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data"))
            .accessLog(accessLog)
            .defaultUpstream("docker.io")
            .upstream("docker.io", origin.uri());
    use(builder, wire, Login.NONE);
    try (WeirServer weir = builder.start();
        Dockerd docker = Dockerd.started()) {
      layOut("docker", builder, weir, wire);
      String mirror =
          JsonMapper.shared()
              .readTree(Files.readString(node.resolve("etc/docker/daemon.json")))
              .at("/registry-mirrors/0")
              .asString();
      docker.mirrors(URI.create(mirror));

      assertPulls(docker, "docker.io");

      note("dockerd", "mirror, by the default upstream", wire, Login.NONE);
    }
  }

  /** Docker has no login for mirrors; so says {@code client-config}, too. */
  @ParameterizedTest
  @EnumSource
  void dockerLogsIn(Wire wire) throws IOException {
    WeirServer.Builder builder = plain();
    use(builder, wire, Login.PASSWORD);
    try (WeirServer weir = builder.start();
        Dockerd docker = Dockerd.started()) {
      String authority = "127.0.0.1:" + weir.port();
      docker.login(authority, USER, PASSWORD);

      assertPulls(docker, authority + "/lab");

      note("dockerd", "named in the image", wire, Login.PASSWORD);
    }
  }

  /** Pulls by tag and by digest; all that the origin saw is the server, and the server saw all. */
  private void assertPulls(ImageClient client, String registry) {
    for (String reference : List.of(":v1", "@" + image.digest())) {
      client.forgetAll();
      accessLog.take();
      assertThat(client.pull(registry + "/" + DEMO + reference))
          .as(reference)
          .isEqualTo(Pulled.of(image));
      assertThat(accessLog.take()).as("requests in the access log").hasSizeGreaterThan(1);
    }
    assertThat(origin.requests())
        .isNotEmpty()
        .extracting(LoggedRequest::userAgent)
        .allMatch(agent -> agent.startsWith("weir/"));
  }
}
