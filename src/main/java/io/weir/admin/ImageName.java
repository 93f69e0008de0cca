package io.weir.admin;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import java.util.List;

/** How the API names an image, so that a client can be told to pull it by that name. */
final class ImageName {

  private ImageName() {}

  /** By its first tag, such as {@code docker.io/library/nginx:1.27}, or without one by digest. */
  static String of(Origin origin, List<Tag> tags, Digest digest) {
    return tags.isEmpty() ? origin + "@" + digest : origin + ":" + tags.getFirst();
  }
}
