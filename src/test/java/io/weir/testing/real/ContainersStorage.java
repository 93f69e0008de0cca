package io.weir.testing.real;

import io.weir.oci.Digest;
import java.nio.file.Path;

/**
 * What podman and buildah have in common: registries.conf, a storage with the driver {@code vfs}
 * (plain copies: needs no overlay mounts), and a home of their own.
 *
 * <p>Facts of podman 4.3.1 and buildah 1.28.2: without a containers.conf of its own podman writes
 * below {@code /etc/containers}, {@code /etc/cni} and {@code /run/libpod}. Two things stay outside
 * of the folder in spite of it: the cache of blob locations, {@code /var/lib/containers/cache}, and
 * an empty {@code /run/containers/networks}.
 */
abstract sealed class ContainersStorage implements ImageClient permits Podman, Buildah {

  /** containers.conf(5): nothing for all users, and no search for plug-ins of networks. */
  private static final String ENGINE =
      """
      [engine]
      events_logger = "none"
      tmp_dir = "FOLDER/libpod"
      [network]
      network_backend = "netavark"
      network_config_dir = "FOLDER/networks"
      """;

  private final String program;
  private final Scratch folder;

  ContainersStorage(String program) {
    this.program = program;
    this.folder = Scratch.folder(program);
    folder.write(".config/containers/policy.json", RegistriesConf.ACCEPT_ALL);
    folder.write("containers.conf", ENGINE.replace("FOLDER", folder.path().toString()));
    registries(RegistriesConf.empty());
  }

  /** Replaces what it knows of mirrors, for all later commands. */
  public final void registries(RegistriesConf conf) {
    folder.write("registries.conf", conf.text());
  }

  /** Where the program looks for {@code .config/containers}. */
  public final Path home() {
    return folder.path();
  }

  /** The program, with its storage, and arguments of the caller's. */
  public final Command command(String... arguments) {
    return Command.of(program)
        .withHome(folder.path())
        .withVariable("XDG_RUNTIME_DIR", folder.subfolder("run").toString())
        .withVariable("CONTAINERS_CONF", folder.resolve("containers.conf").toString())
        .withVariable("CONTAINERS_REGISTRIES_CONF", folder.resolve("registries.conf").toString())
        .with("--root", folder.resolve("root").toString())
        .with("--runroot", folder.resolve("runroot").toString())
        .with("--storage-driver", "vfs")
        .with(arguments);
  }

  @Override
  public final void forgetAll() {
    command("rmi", "--all", "--force").run().orFail();
  }

  @Override
  public final void close() {
    folder.close();
  }

  /** The hexadecimal digits of an ID, or of a digest with its algorithm in front. */
  static Digest sha256(String text) {
    String hex = text.strip();
    return Digest.parse(hex.startsWith("sha256:") ? hex : "sha256:" + hex);
  }
}
