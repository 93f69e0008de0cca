package io.weir.testing.real;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * containerd, and {@code ctr} to speak with it. Pulls unpack with the snapshotter {@code native},
 * plain copies, which needs no overlay mounts. The CRI plug-in is off: only pulls are wanted, and
 * those of a kubelet use the same resolver as those of {@code ctr}.
 *
 * <p>Facts of version 1.6.20:
 *
 * <ul>
 *   <li>It starts in some 60 ms.
 *   <li>It is ctr that talks to registries and reads {@code hosts.toml}, anew for each pull; the
 *       daemon stores and unpacks.
 *   <li>The plug-in {@code opt} makes {@code /opt/containerd} on the machine, so it is off too.
 *   <li>Only what the image's platform needs is fetched: of an index, one manifest. With {@code
 *       --all-platforms} the rest as well.
 *   <li>A registry on loopback is spoken to by HTTP without being told.
 * </ul>
 */
public final class Containerd extends Daemon implements ImageClient {

  private Path hosts;

  private Containerd() {
    super("containerd");
    folder().write("config.toml", config());
    hosts = folder().subfolder("hosts");
  }

  private String config() {
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/state"
    disabled_plugins = [
      "io.containerd.grpc.v1.cri",
      "io.containerd.internal.v1.opt",
      "io.containerd.snapshotter.v1.aufs",
      "io.containerd.snapshotter.v1.btrfs",
      "io.containerd.snapshotter.v1.devmapper",
      "io.containerd.snapshotter.v1.zfs",
    ]
    [grpc]
      address = "%1$s/containerd.sock"
    [ttrpc]
      address = "%1$s/containerd.sock.ttrpc"
    """
        .formatted(folder().path());
  }

  /** A containerd that knows no mirrors and has no images. */
  public static Containerd started() {
    Containerd containerd = new Containerd();
    containerd.startOrClose();
    return containerd;
  }

  @Override
  protected Command command() {
    return Command.of("containerd", "--config", folder().resolve("config.toml").toString())
        .withHome(folder().path());
  }

  @Override
  protected boolean ready() {
    return ctr("version").run().ok();
  }

  /** The socket of its API. */
  Path socket() {
    return folder().resolve("containerd.sock");
  }

  /**
   * Replaces where pulls of a registry go, for all later pulls.
   *
   * @param registry such as {@code docker.io}, or {@code _default} for all that have no entry
   */
  public void hosts(String registry, HostsToml toml) {
    folder().write("hosts/" + registry + "/hosts.toml", toml.text());
  }

  /**
   * Takes another folder of hosts, for all later pulls.
   *
   * @param folder with a folder for each registry
   */
  public void hosts(Path folder) {
    hosts = folder;
  }

  /** Where it looks for where pulls go. */
  public Path hostsFolder() {
    return hosts;
  }

  /** ctr with arguments of the caller's. */
  public Command ctr(String... arguments) {
    return Command.of("ctr", "--address", socket().toString(), "--namespace", "weir")
        .withHome(folder().path())
        .with(arguments);
  }

  @Override
  public Pulled pull(String reference) {
    return pullWith(reference);
  }

  /** Pulls an image for all platforms of its index. */
  public Pulled pullAllPlatforms(String reference) {
    return pullWith(reference, "--all-platforms");
  }

  private Pulled pullWith(String reference, String... options) {
    ctr("images", "pull", "--snapshotter", "native")
        .with("--hosts-dir", hosts.toString())
        .with(options)
        .with(reference)
        .run()
        .orFail();
    Digest digest = digestOf(reference);
    List<Descriptor> children = manifest(digest).children();
    String here = "linux/" + TestImages.architecture();
    for (Descriptor child : children) {
      if (Objects.equals(child.platform(), here)) {
        children = manifest(child.digest()).children();
        break;
      }
    }
    return new Pulled(digest, children.getFirst().digest());
  }

  /** The third column of the list is the digest: "REF TYPE DIGEST SIZE PLATFORMS LABELS". */
  private Digest digestOf(String reference) {
    String list = ctr("images", "list", "name==" + reference).run().orFail().output();
    return list.lines()
        .map(line -> line.split("\\s+", 4))
        .filter(columns -> columns[0].equals(reference))
        .map(columns -> Digest.parse(columns[2]))
        .findFirst()
        .orElseThrow(() -> new AssertionError(reference + " is not in the list:\n" + list));
  }

  private Manifest manifest(Digest digest) {
    String document = ctr("content", "get", digest.toString()).run().orFail().output();
    return Manifest.parse(document.getBytes(StandardCharsets.UTF_8), null);
  }

  /** The digests of all manifests, configs and layers that it has. */
  public Set<Digest> stored() {
    return ctr("content", "list", "--quiet")
        .run()
        .orFail()
        .output()
        .lines()
        .map(Digest::parse)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void forgetAll() {
    List<String> references =
        ctr("images", "list", "--quiet").run().orFail().output().lines().toList();
    if (!references.isEmpty()) {
      // Waits until the collector has removed the content.
      ctr("images", "remove", "--sync").with(references.toArray(String[]::new)).run().orFail();
    }
  }
}
