package io.weir.oci;

import java.util.Locale;
import java.util.Set;

/** Media types that mean something to a cache. Any other type is passed on as it is. */
public final class MediaType {

  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  public static final String OCTET_STREAM = "application/octet-stream";
  public static final String JSON = "application/json";

  /**
   * What is asked of upstreams for every manifest, whatever the client asked: a registry that is
   * not told of index types converts an index into one image, with another digest. Docker's schema
   * 1 is left out on purpose: its digest is not that of its bytes.
   */
  public static final String MANIFEST_ACCEPT =
      String.join(
          ", ", OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT, "*/*;q=0.1");

  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  private static final Set<String> MANIFESTS =
      Set.of(OCI_INDEX, OCI_MANIFEST, OCI_ARTIFACT, DOCKER_LIST, DOCKER_MANIFEST);

  private static final Set<String> IMAGE_CONFIGS = Set.of(OCI_CONFIG, DOCKER_CONFIG);

  private MediaType() {}

  /**
   * The type without parameters and in lower case: {@code Application/JSON; charset=utf-8} is
   * {@code application/json}.
   */
  public static String essence(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    return type.strip().toLowerCase(Locale.ROOT);
  }

  /** Whether the type is an index of manifests. */
  public static boolean isIndex(String essence) {
    return INDEXES.contains(essence);
  }

  /** Whether the type is one of the manifest types named here. */
  public static boolean isManifest(String essence) {
    return MANIFESTS.contains(essence);
  }

  /** Whether the type is a container image's config, which says what the image runs on. */
  public static boolean isImageConfig(String essence) {
    return IMAGE_CONFIGS.contains(essence);
  }
}
