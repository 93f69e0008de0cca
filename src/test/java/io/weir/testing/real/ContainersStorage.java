package io.weir.testing.real;

import io.weir.oci.Digest;

/**
 * What podman and buildah have in common: registries.conf, a storage with the driver {@code vfs}
 * (plain copies: needs no overlay mounts), and a home of their own.
 *
 * <p>Facts of podman 4.3.1 and buildah 1.28.2: one thing stays outside of the folder, the cache of
 * blob locations, {@code /var/lib/containers/cache}, which grows by a few hundred bytes with every
 * pull; and podman makes an empty {@code /run/containers/networks}. Warnings about CNI plug-ins
 * that are not installed mean nothing for pulls.
 */
abstract sealed class ContainersStorage implements ImageClient permits Podman, Buildah {

  private final String program;
  private final Scratch folder;

  ContainersStorage(String program) {
    this.program = program;
    this.folder = Scratch.folder(program);
    folder.write(".config/containers/policy.json", RegistriesConf.ACCEPT_ALL);
    registries(RegistriesConf.empty());
  }

  /** Replaces what it knows of mirrors, for all later commands. */
  public final void registries(RegistriesConf conf) {
    folder.write("registries.conf", conf.text());
  }

  /** The program, with its storage, and arguments of the caller's. */
  public final Command command(String... arguments) {
    return Command.of(program)
        .withHome(folder.path())
        .withVariable("XDG_RUNTIME_DIR", folder.subfolder("run").toString())
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
