package io.weir.testing.real;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * skopeo, with a home of its own.
 *
 * <p>Facts of version 1.9.3:
 *
 * <ul>
 *   <li>It does not read {@code CONTAINERS_REGISTRIES_CONF}, as podman does; a hidden option names
 *       the file. The {@code registries.conf.d} of the machine is read all the same.
 *   <li>As root it keeps a cache of blob locations in {@code /var/lib/containers}; told by a
 *       variable that it runs for another user, it keeps it in {@code XDG_DATA_HOME}.
 *   <li>Copied into a folder ({@code dir:}), manifests and layers keep their bytes; into an OCI
 *       layout, Docker's manifests would be converted.
 *   <li>Read as an OCI layout ({@code oci:}), a folder has only what its index lists with a media
 *       type of OCI: Docker's manifests are not seen.
 * </ul>
 */
public final class Skopeo implements ImageClient {

  private final Scratch folder = Scratch.folder("skopeo");

  /** A skopeo that knows no mirrors. */
  public Skopeo() {
    folder.write("policy.json", RegistriesConf.ACCEPT_ALL);
    registries(RegistriesConf.empty());
  }

  /** A skopeo that speaks HTTP to the registry. */
  public static Skopeo trusting(DockerRegistry registry) {
    Skopeo skopeo = new Skopeo();
    skopeo.registries(RegistriesConf.empty().insecure(registry.authority()));
    return skopeo;
  }

  /** Replaces what it knows of mirrors, for all later commands. */
  public void registries(RegistriesConf conf) {
    folder.write("registries.conf", conf.text());
  }

  /** Where it looks for {@code .config/containers}. */
  public Path home() {
    return folder.path();
  }

  /** skopeo with arguments of the caller's. */
  public Command command(String... arguments) {
    return Command.of("skopeo")
        .withHome(folder.path())
        .withVariable("_CONTAINERS_ROOTLESS_UID", "65534")
        .withVariable("XDG_DATA_HOME", folder.resolve("data").toString())
        .withVariable("XDG_RUNTIME_DIR", folder.subfolder("run").toString())
        .with("--policy", folder.resolve("policy.json").toString())
        .with("--registries-conf", folder.resolve("registries.conf").toString())
        .with(arguments);
  }

  /**
   * What arrived when an image was copied for all platforms.
   *
   * @param digests of all manifests, configs and layers, computed from their bytes
   */
  public record Copy(Pulled pulled, Set<Digest> digests) {}

  /** Copies an image for all platforms, without converting anything. The copy itself is removed. */
  public Copy copyAll(String reference) {
    return copyAllFrom("docker://" + reference);
  }

  /**
   * As {@link #copyAll}, from anywhere.
   *
   * @param source with its transport in front, as in {@code oci:FOLDER:NAME}
   */
  public Copy copyAllFrom(String source) {
    try (Scratch copy = Scratch.folder("copy")) {
      command("copy", "--all", "--preserve-digests")
          .with(source, "dir:" + copy.path())
          .run()
          .orFail();
      return new Copy(pulled(copy.path()), digests(copy.path()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #copyAll}. */
  @Override
  public Pulled pull(String reference) {
    return copyAll(reference).pulled();
  }

  private static Pulled pulled(Path copy) throws IOException {
    Path top = copy.resolve("manifest.json");
    List<Descriptor> children = Manifest.parse(Files.readAllBytes(top), null).children();
    String here = "linux/" + TestImages.architecture();
    for (Descriptor child : children) {
      if (Objects.equals(child.platform(), here)) {
        Path image = copy.resolve(child.digest().hex() + ".manifest.json");
        children = Manifest.parse(Files.readAllBytes(image), null).children();
        break;
      }
    }
    return new Pulled(digest(top), children.getFirst().digest());
  }

  /** The folder holds one file for each manifest, config and layer, and one called "version". */
  private static Set<Digest> digests(Path copy) throws IOException {
    Set<Digest> digests = new LinkedHashSet<>();
    try (Stream<Path> files = Files.list(copy)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!file.endsWith("version")) {
          digests.add(digest(file));
        }
      }
    }
    return digests;
  }

  private static Digest digest(Path file) throws IOException {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), hash)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Digest.Algorithm.SHA256.finish(hash.digest());
  }

  /** Does nothing: every copy is made from nothing. */
  @Override
  public void forgetAll() {}

  @Override
  public void close() {
    folder.close();
  }
}
