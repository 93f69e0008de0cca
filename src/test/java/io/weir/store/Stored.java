package io.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An image in a store, for tests of what happens to it. */
final class Stored {

  static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  static final Tag LATEST = new Tag("latest");
  static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Stored() {}

  /** The manifest of image number {@code number}. */
  static byte[] manifest(int number) {
    Digest config =
        Digest.Algorithm.SHA256.of(("config " + number).getBytes(StandardCharsets.UTF_8));
    return """
    {"schemaVersion":2,"mediaType":"%s","config":{"digest":"%s","size":5},"layers":[]}\
    """
        .formatted(MediaType.OCI_MANIFEST, config)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The digest of {@link #manifest}. */
  static Digest digest(int number) {
    return Digest.Algorithm.SHA256.of(manifest(number));
  }

  /** The tag of image number {@code number}; that of 0 is {@link #LATEST}. */
  static Tag tag(int number) {
    return number == 0 ? LATEST : new Tag("t" + number);
  }

  /** Stores an image, and waits until the index has written it or given it up. */
  static void put(Store store, int number) throws IOException {
    store.blobs().put(digest(number), manifest(number));
    index(store, number);
  }

  /** Tells the index of an image whose bytes are there. */
  static void index(Store store, int number) {
    byte[] content = manifest(number);
    store
        .index()
        .putManifest(NGINX, digest(number), Manifest.parse(content, null), content.length, NOON);
    store.index().putTag(NGINX, tag(number), digest(number), NOON);
    store.index().flush();
  }

  /** Whether the index knows image number {@code number}. */
  static boolean isKnown(Store store, int number) {
    return store.index().tag(NGINX, tag(number)).map(Index.TagRow::digest).stream()
        .anyMatch(digest(number)::equals);
  }

  /** Checks that the bytes of an image are there and right. */
  static void assertServed(Store store, int number) throws IOException {
    assertThat(store.blobs().read(digest(number), 10_000)).hasValue(manifest(number));
  }

  /** Waits for something that comes by itself within some seconds. */
  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("%s within %s", what, LIMIT).isNegative();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
