package io.weir.oci;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an image runs on, as {@code os/architecture} or {@code os/architecture/variant}, such as
 * {@code linux/arm64/v8}.
 */
public final class Platform {

  /** What BuildKit says an attestation runs on, which is a manifest beside those of images. */
  public static final String UNKNOWN = "unknown/unknown";

  private static final Pattern NAME = Pattern.compile("[a-z0-9_.-]+(?:/[a-z0-9_.-]+){1,2}");

  /**
   * What the image specification names: GOOS, GOARCH, and variants.
   *
   * @see <a
   *     href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#platform-variants">image-spec
   *     1.1.1, platform variants</a>
   */
  private static final String KNOWN =
      "/aix/android/darwin/dragonfly/freebsd/illumos/ios/js/linux/netbsd/openbsd/plan9/solaris"
          + "/wasip1/windows/386/amd64/arm/arm64/loong64/mips/mips64/mips64le/mipsle/ppc64/ppc64le"
          + "/riscv64/s390x/wasm/v5/v6/v7/v8/";

  private static final JsonMapper JSON = JsonMapper.shared();

  private Platform() {}

  /** What an image's config says that the image runs on; empty where it says nothing. */
  public static Optional<String> ofConfig(byte[] config) {
    try {
      return Optional.of(JSON.readTree(config))
          .filter(object -> object.has("os"))
          .map(Platform::nameOf);
    } catch (JacksonException _) {
      return Optional.empty(); // whoever pulls it is told more
    }
  }

  /**
   * Reads the members {@code os}, {@code architecture} and {@code variant}, which an index entry's
   * {@code platform} has, and an image's config.
   *
   * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md">image-spec
   *     1.1.1, configuration</a>
   */
  public static String nameOf(JsonNode object) {
    String name = object.path("os").asString("") + '/' + object.path("architecture").asString("");
    String variant = object.path("variant").asString("");
    return variant.isEmpty() ? name : name + '/' + variant;
  }

  /** Whether {@code text} is a platform as people write it, in lower case. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * Whether who wants {@code wanted} wants {@code offered}. No variant is any variant, and 64-bit
   * Arm is {@code v8} where nothing is said.
   */
  public static boolean covers(String wanted, String offered) {
    return offered.equals(wanted)
        || offered.startsWith(wanted + '/')
        || (offered.endsWith("/arm64") && wanted.equals(offered + "/v8"));
  }

  /**
   * Whether {@code part}, in lower case, can be a part of a platform's name, if that is made of the
   * words of the specification.
   */
  public static boolean mayContain(String part) {
    return Arrays.stream(part.split("/", -1)).allMatch(KNOWN::contains);
  }
}
