package io.weir.tracing;

import io.weir.metrics.Kind;
import org.jspecify.annotations.Nullable;

/**
 * What stands for the path of a request in the name of its span: without the repository and the
 * reference, of which there are too many.
 */
public final class HttpRoute {

  private HttpRoute() {}

  /** The route of requests of a kind; null where it is not one. */
  public static @Nullable String of(Kind kind) {
    return switch (kind) {
      case MANIFEST -> "/v2/{name}/manifests/{reference}";
      case BLOB -> "/v2/{name}/blobs/{digest}";
      case TAGS -> "/v2/{name}/tags/list";
      case REFERRERS -> "/v2/{name}/referrers/{digest}";
      case OTHER -> null;
    };
  }
}
