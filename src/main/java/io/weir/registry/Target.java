package io.weir.registry;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import org.jspecify.annotations.Nullable;

/** What a request asks for, with all names resolved. */
sealed interface Target {

  /** The repository that it is about, or null where it is about none. */
  default @Nullable Origin origin() {
    return null;
  }

  /** {@code /v2/}: is this a registry? */
  record Ping() implements Target {}

  /**
   * {@code _catalog}: what is stored.
   *
   * @param upstream the only upstream that the request's address can reach, or null where it
   *     reaches all
   */
  record Catalog(@Nullable String upstream) implements Target {}

  /** A manifest. */
  record Manifest(Origin origin, Reference reference) implements Target {}

  /** A blob. */
  record Blob(Origin origin, Digest digest) implements Target {}

  /**
   * The list of tags.
   *
   * @param name the repository as the client calls it
   */
  record Tags(Origin origin, String name) implements Target {}

  /** What refers to a manifest. */
  record Referrers(Origin origin, Digest digest) implements Target {}
}
