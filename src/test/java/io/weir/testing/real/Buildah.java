package io.weir.testing.real;

/**
 * buildah, which pulls with the same library as podman.
 *
 * <p>Facts of version 1.28.2: unless it is told to ask always, an image that it has is not asked
 * for. {@code inspect} names the manifest of the platform, {@code images} the index. A registry
 * that refuses the connection is tried three times more, with pauses of two seconds which {@code
 * --retry 0} does not prevent; an answer, such as 503, is final.
 */
public final class Buildah extends ContainersStorage {

  /** A buildah that knows no mirrors and has no images. */
  public Buildah() {
    super("buildah");
  }

  @Override
  public Pulled pull(String reference) {
    String id = command("pull", "--quiet", "--policy", "always", reference).run().orFail().text();
    String images =
        command("images", "--no-trunc", "--format", "{{.Digest}} {{.ID}}").run().orFail().text();
    String digest =
        images
            .lines()
            .filter(line -> line.endsWith(id))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .findFirst()
            .orElseThrow(() -> new AssertionError(id + " is not in the list:\n" + images));
    return new Pulled(sha256(digest), sha256(id));
  }
}
