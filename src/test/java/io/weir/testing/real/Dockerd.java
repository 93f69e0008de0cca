package io.weir.testing.real;

import io.weir.oci.Digest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Docker daemon with a containerd of its own, spoken to by its HTTP API through curl: the
 * {@code docker} command of another version may refuse to speak with it.
 *
 * <p>Facts of version 20.10.24:
 *
 * <ul>
 *   <li>It starts within a second where it may touch neither bridges nor iptables. The storage
 *       driver is {@code vfs}, plain copies.
 *   <li>Left to start containerd itself, it makes {@code /opt/containerd}; left to itself, its key
 *       is {@code /etc/docker/key.json}. What stays is an empty {@code /run/docker/plugins}.
 *   <li>It mounts its data folder onto itself and removes that mount when it ends well.
 *   <li>Mirrors are for docker.io only, have no path, and can be changed by SIGHUP.
 *   <li>After a mirror has failed it goes to docker.io, always.
 *   <li>Registries on loopback may speak HTTP, without an entry in {@code insecure-registries}.
 *   <li>An error after the transfer has begun comes with status 200, as the last line of progress.
 * </ul>
 */
public final class Dockerd extends Daemon implements ImageClient {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration RELOAD_LIMIT = Duration.ofSeconds(10);

  private final Containerd containerd;
  private Optional<String> login = Optional.empty();

  private Dockerd(Containerd containerd, List<URI> mirrors) {
    super("dockerd");
    this.containerd = containerd;
    writeConfig(mirrors);
  }

  /** A daemon that has no images, and pulls images of docker.io from the mirrors. */
  public static Dockerd started(URI... mirrors) {
    Containerd containerd = Containerd.started();
    try {
      Dockerd dockerd = new Dockerd(containerd, List.of(mirrors));
      dockerd.startOrClose();
      return dockerd;
    } catch (RuntimeException | Error e) {
      containerd.close();
      throw e;
    }
  }

  private void writeConfig(List<URI> mirrors) {
    ObjectNode config = JSON.createObjectNode();
    config.put("deprecated-key-path", folder().resolve("key.json").toString());
    mirrors.forEach(config.withArray("registry-mirrors")::addPOJO);
    folder().write("daemon.json", config.toString());
  }

  @Override
  protected Command command() {
    return Command.of("dockerd", "--config-file", folder().resolve("daemon.json").toString())
        .withHome(folder().path())
        .with("--host", "unix://" + socket(), "--containerd", containerd.socket().toString())
        .with("--data-root", folder().resolve("data").toString())
        .with("--exec-root", folder().resolve("exec").toString())
        .with("--pidfile", folder().resolve("pid").toString())
        .with("--storage-driver", "vfs", "--bridge", "none", "--ip-forward=false")
        .with("--iptables=false", "--ip6tables=false", "--ip-masq=false");
  }

  @Override
  protected boolean ready() {
    return api("GET", "/_ping").run().ok();
  }

  /** Pulls as a user from now on, as after {@code docker login}. */
  public void login(String authority, String user, String password) {
    byte[] login =
        JSON.createObjectNode()
            .put("username", user)
            .put("password", password)
            .put("serveraddress", authority)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    this.login = Optional.of("X-Registry-Auth: " + Base64.getUrlEncoder().encodeToString(login));
  }

  private Path socket() {
    return folder().resolve("docker.sock");
  }

  /** Stops containerd too. */
  @Override
  public void close() {
    super.close();
    containerd.close();
  }

  /** Replaces the mirrors of docker.io, while it runs. */
  public void mirrors(URI... mirrors) {
    List<URI> wanted = List.of(mirrors);
    writeConfig(wanted);
    Command.of("kill", "-HUP", Long.toString(pid())).run().orFail();
    if (!Await.until(RELOAD_LIMIT, () -> mirrors().equals(wanted))) {
      throw new AssertionError("not reloaded: " + mirrors() + " instead of " + wanted);
    }
  }

  private List<URI> mirrors() {
    List<URI> mirrors = new ArrayList<>();
    for (JsonNode mirror : ask("GET", "/info").path("RegistryConfig").path("Mirrors")) {
      mirrors.add(URI.create(mirror.asString().replaceFirst("/$", "")));
    }
    return mirrors;
  }

  @Override
  public Pulled pull(String reference) {
    Name name = Name.of(reference);
    Command create =
        api(
            "POST",
            "/images/create?fromImage=%s&tag=%s"
                .formatted(query(name.repository), query(name.version)));
    if (login.isPresent()) {
      create = create.with("--header", login.get());
    }
    Command.Outcome outcome = create.run().orFail();
    List<JsonNode> progress = outcome.output().lines().map(JSON::readTree).toList();
    if (progress.stream().anyMatch(line -> line.has("error"))) {
      throw new AssertionError(outcome.toString());
    }
    String digest =
        progress.stream()
            .map(line -> line.path("status").asString(""))
            .filter(status -> status.startsWith("Digest: "))
            .map(status -> status.substring("Digest: ".length()))
            .findFirst()
            .orElseThrow(() -> new AssertionError(outcome.toString()));
    String id = ask("GET", "/images/" + reference + "/json").path("Id").asString();
    return new Pulled(Digest.parse(digest), Digest.parse(id));
  }

  @Override
  public void forgetAll() {
    for (JsonNode image : ask("GET", "/images/json")) {
      api("DELETE", "/images/" + image.path("Id").asString() + "?force=1").run().orFail();
    }
  }

  private JsonNode ask(String method, String target) {
    return JSON.readTree(api(method, target).run().orFail().output());
  }

  /** Any request of the Engine API, as a command that fails for an answer of 400 and above. */
  public Command api(String method, String target) {
    return Command.of("curl", "--silent", "--show-error", "--fail-with-body")
        .with("--unix-socket", socket().toString(), "--request", method)
        .with("http://localhost" + target);
  }

  private static String query(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** A reference in the two parts that the API wants: a tag or a digest apart from the rest. */
  private record Name(String repository, String version) {
    static Name of(String reference) {
      int at = reference.indexOf('@');
      int end = at >= 0 ? at : reference.lastIndexOf(':');
      if (end < reference.lastIndexOf('/')) {
        return new Name(reference, "latest");
      }
      return new Name(reference.substring(0, end), reference.substring(end + 1));
    }
  }
}
