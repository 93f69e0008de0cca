package io.weir.testing.real;

/**
 * podman, which pulls without a daemon.
 *
 * <p>Facts of version 4.3.1: of an index it stores both the index and the manifest of its platform,
 * and names the index as the image's digest. A pull always asks the registry. A registry that
 * refuses the connection is tried three times more, with pauses of a second; an answer, such as
 * 503, is final.
 */
public final class Podman extends ContainersStorage {

  /** A podman that knows no mirrors and has no images. */
  public Podman() {
    super("podman");
  }

  @Override
  public Pulled pull(String reference) {
    String id = command("pull", "--quiet", reference).run().orFail().text();
    String digest =
        command("image", "inspect", "--format", "{{.Digest}}", id).run().orFail().text();
    return new Pulled(sha256(digest), sha256(id));
  }
}
