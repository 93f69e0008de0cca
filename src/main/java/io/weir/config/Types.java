package io.weir.config;

import io.weir.config.Config.Abandoned;
import io.weir.config.TagsConfig.StaleIfError;
import io.weir.config.Type.ListOf;
import io.weir.config.Type.Parser;
import io.weir.config.Type.Scalar;
import io.weir.oci.ImagePattern;
import io.weir.oci.OciException;
import io.weir.oci.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The kinds of values that the configuration knows. */
final class Types {

  /** Words that already mean something where the name of an upstream may stand. */
  private static final List<String> RESERVED = List.of("none", "v2");

  static final Scalar<String> TEXT = Scalar.text("text", (text, base) -> notEmpty(text));

  static final Scalar<Boolean> FLAG =
      Scalar.text("true or false", (text, base) -> flag(text))
          .writtenAs(Tag.BOOL)
          .withSchema("type", "boolean")
          .printedBy(flag -> flag);

  static final Scalar<Integer> CONNECTIONS =
      Scalar.text("a number from 1 to 10000", (text, base) -> number(text, 1, 10_000))
          .writtenAs(Tag.INT)
          .withSchema("type", "integer", "minimum", 1, "maximum", 10_000)
          .printedBy(number -> number);

  static final Scalar<Integer> COUNT =
      Scalar.text("a number from 0 to 10000", (text, base) -> number(text, 0, 10_000))
          .writtenAs(Tag.INT)
          .withSchema("type", "integer", "minimum", 0, "maximum", 10_000)
          .printedBy(number -> number);

  static final Scalar<Double> RATIO =
      Scalar.text("a number from 0 to 1, such as 0.1", (text, base) -> ratio(text))
          .writtenAs(Tag.INT, Tag.FLOAT)
          .withSchema("type", "number", "minimum", 0, "maximum", 1)
          .printedBy(ratio -> ratio);

  static final Scalar<Duration> DURATION =
      Scalar.text(
              "a duration such as 500ms, 30s, 5m, 168h, 7d or 0",
              (text, base) -> Durations.parse(text))
          .writtenAs(Tag.STR, Tag.INT)
          .withSchema(
              "anyOf",
              List.of(
                  Type.object("type", "string", "pattern", Durations.PATTERN),
                  Type.object("const", 0)))
          .printedBy(Types::print);

  static final Scalar<Duration> TIME_LIMIT =
      Scalar.text(
              "a duration from 1ms to 1d, such as 30s", (text, base) -> Durations.parseLimit(text))
          .withSchema("type", "string", "pattern", Durations.PATTERN)
          .printedBy(Durations::print);

  /**
   * Often enough for credentials that live for an hour, and no program that is run all the time.
   */
  static final Scalar<Duration> REFRESH =
      Scalar.text("a duration from 1m to 30d, such as 6h", (text, base) -> refresh(text))
          .withSchema("type", "string", "pattern", Durations.PATTERN)
          .printedBy(Durations::print);

  static final Scalar<Size> LIMIT =
      size("a size above 0 such as 100Gi, or 80% of the file system", (text, base) -> limit(text));

  static final Scalar<Size> RESERVE =
      size("a size such as 10Gi, or 5% of the file system", (text, base) -> reserve(text));

  static final Scalar<Long> BANDWIDTH =
      Scalar.text("bytes a second, more than 0, such as 20Mi", (text, base) -> bandwidth(text))
          .writtenAs(Tag.STR, Tag.INT)
          .withSchema(
              "anyOf",
              List.of(
                  Type.object("type", "string", "pattern", Sizes.BYTES_PATTERN),
                  Type.object("type", "integer", "minimum", 1)))
          .printedBy(bytes -> print(new Size.Bytes(bytes)));

  static final Scalar<Integer> LOW_WATER =
      Scalar.text("a part from 50% to 100%", (text, base) -> lowWater(text))
          .withSchema("type", "string", "pattern", "^([5-9][0-9]|100)%$")
          .printedBy(percent -> new Size.Percent(percent).toString());

  static final Scalar<StaleIfError> STALE_IF_ERROR =
      Scalar.text("always, never or a duration such as 7d", (text, base) -> staleIfError(text))
          .writtenAs(Tag.STR, Tag.INT)
          .withChoices("always", "never")
          .withSchema(
              "anyOf",
              List.of(
                  Type.object("enum", List.of("always", "never", 0)),
                  Type.object("type", "string", "pattern", Durations.PATTERN)))
          .printedBy(Types::print);

  static final Scalar<Abandoned> ABANDONED =
      Scalar.text("finish or stop", (text, base) -> abandoned(text))
          .withChoices("finish", "stop")
          .withSchema("enum", List.of("finish", "stop"))
          .printedBy(abandoned -> abandoned.name().toLowerCase(Locale.ROOT));

  static final Scalar<Address> ADDRESS =
      Scalar.text(
          "an address such as 0.0.0.0:5000, :5000 or \"[::1]:5000\"",
          (text, base) -> Address.parse(text));

  static final Scalar<String> HOST =
      Scalar.text(
          "a host name such as registry.example.net, without a port",
          (text, base) -> HostNames.name(text));

  static final Scalar<String> HOST_WITH_PORT =
      Scalar.text(
          "a host such as auth.example.net, with its port if that is not the usual one",
          (text, base) -> HostNames.nameWithPort(text));

  static final Scalar<String> UPSTREAM_NAME =
      Scalar.text(
              "a name of lower-case letters and digits, with . _ - between them",
              (text, base) -> upstreamName(text))
          .writtenAs(Tag.STR, Tag.INT, Tag.FLOAT);

  static final Scalar<String> UPSTREAM_REFERENCE =
      Scalar.text("the name or an alias of an upstream, or none", (text, base) -> notEmpty(text));

  static final Scalar<String> ALIAS =
      Scalar.text(
          "a name of lower-case letters and digits, with . _ - between them",
          (text, base) -> alias(text));

  static final Scalar<URI> REGISTRY_URL =
      Scalar.text("a URL such as https://registry.example.net", (text, base) -> Urls.registry(text))
          .withSchema("type", "string", "pattern", "^[hH][tT][tT][pP][sS]?://[^?#@]+$");

  static final Scalar<URI> PROXY_URL =
      Scalar.text("a URL such as http://proxy.example.net:3128", (text, base) -> Urls.proxy(text))
          .withSchema("type", "string", "pattern", "^[hH][tT][tT][pP][sS]?://[^?#@]+$");

  static final Scalar<URI> COLLECTOR_URL =
      Scalar.text(
              "a URL such as http://collector.example.net:4318",
              (text, base) -> Urls.collector(text))
          .withSchema("type", "string", "pattern", "^[hH][tT][tT][pP][sS]?://[^?#@]+$");

  static final Scalar<Path> PATH =
      Scalar.text("a path", (text, base) -> base.resolve(notEmpty(text)).normalize());

  /** Told without what was written: it may be the secret itself, put in the wrong place. */
  static final Scalar<String> VARIABLE =
      Scalar.text("the name of an environment variable", (text, base) -> variable(text)).quietly();

  /** Told without what was written, as {@link #VARIABLE}. */
  static final Scalar<String> ARGUMENT =
      Scalar.text("a program or an argument", (text, base) -> notEmpty(text)).quietly();

  static final Scalar<Pattern> REGEX =
      Scalar.text("a regular expression such as '^v\\d+$'", (text, base) -> regex(text))
          .withSchema("type", "string", "format", "regex")
          .printedBy(Pattern::pattern);

  static final Scalar<String> GLOB =
      Scalar.text(
          "a repository or a pattern such as library/* or team-a/**",
          (text, base) -> RepositoryGlob.parse(text).toString());

  static final Scalar<ImagePattern> IMAGE_PATTERN =
      Scalar.text(
          "an image or a pattern such as docker.io/library/alpine:3.* or registry.k8s.io/**",
          (text, base) -> imagePattern(text));

  static final Scalar<ImagePattern> REPOSITORY_PATTERN =
      Scalar.text(
          "a repository or a pattern such as docker.io/library/* or quay.io/**",
          (text, base) -> repositoryPattern(text));

  static final Scalar<String> USER_NAME =
      Scalar.text(
          "the name of a user, or '*' for all others, without a colon",
          (text, base) -> userName(text));

  private Types() {}

  static <T> ListOf<T> listOf(Scalar<T> item) {
    return new ListOf<>(item);
  }

  private static Scalar<Size> size(String expected, Parser<Size> parser) {
    return Scalar.text(expected, parser)
        .writtenAs(Tag.STR, Tag.INT)
        .withSchema(
            "anyOf",
            List.of(
                Type.object("type", "string", "pattern", Sizes.PATTERN),
                Type.object("type", "integer", "minimum", 0)))
        .printedBy(Types::print);
  }

  private static String notEmpty(String text) {
    if (text.isBlank() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException();
    }
    return text;
  }

  private static boolean flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static int number(String text, int min, int max) {
    int number = Integer.parseInt(text);
    if (number < min || number > max) {
      throw new IllegalArgumentException();
    }
    return number;
  }

  private static double ratio(String text) {
    double ratio = Double.parseDouble(text);
    if (!(ratio >= 0 && ratio <= 1)) { // nor is it NaN
      throw new IllegalArgumentException();
    }
    return ratio;
  }

  private static Duration refresh(String text) {
    Duration refresh = Durations.parse(text);
    if (refresh.compareTo(Duration.ofMinutes(1)) < 0
        || refresh.compareTo(Duration.ofDays(30)) > 0) {
      throw new IllegalArgumentException();
    }
    return refresh;
  }

  private static Size limit(String text) {
    Size size = Size.parse(text);
    if (size.of(Long.MAX_VALUE) == 0) {
      throw new IllegalArgumentException();
    }
    return size;
  }

  private static Size reserve(String text) {
    Size size = Size.parse(text);
    if (size.equals(new Size.Percent(100))) {
      throw new Expected("room for the store, so less than 100%");
    }
    return size;
  }

  private static long bandwidth(String text) {
    if (Size.parse(text) instanceof Size.Bytes(long bytes) && bytes > 0) {
      return bytes;
    }
    throw new IllegalArgumentException();
  }

  private static int lowWater(String text) {
    if (Size.parse(text) instanceof Size.Percent(int percent) && percent >= 50) {
      return percent;
    }
    throw new IllegalArgumentException();
  }

  private static StaleIfError staleIfError(String text) {
    return switch (text) {
      case "always" -> StaleIfError.ALWAYS;
      case "never" -> StaleIfError.NEVER;
      default -> new StaleIfError(Durations.parse(text));
    };
  }

  private static Object print(Duration duration) {
    return duration.isZero() ? (Object) 0 : Durations.print(duration);
  }

  /** A number without a unit is a number in YAML too. */
  private static Object print(Size size) {
    String text = size.toString();
    return Character.isDigit(text.charAt(text.length() - 1)) ? (Object) Long.valueOf(text) : text;
  }

  private static String print(StaleIfError staleIfError) {
    if (staleIfError.equals(StaleIfError.ALWAYS)) {
      return "always";
    }
    return staleIfError.equals(StaleIfError.NEVER)
        ? "never"
        : Durations.print(staleIfError.limit());
  }

  private static Abandoned abandoned(String text) {
    return switch (text) {
      case "finish" -> Abandoned.FINISH;
      case "stop" -> Abandoned.STOP;
      default -> throw new IllegalArgumentException();
    };
  }

  /** A name that can stand in a path, or a registry's host with a port. */
  private static String upstreamName(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return pathSegment(text);
    }
    return pathSegment(text.substring(0, colon))
        + ':'
        + HostNames.port(text.substring(colon + 1), 1);
  }

  private static String alias(String text) {
    if (text.indexOf(':') >= 0) {
      throw new Expected("a name without a colon, which cannot stand in a path");
    }
    return pathSegment(text);
  }

  private static String pathSegment(String text) {
    if (RESERVED.contains(text)) {
      throw new Expected("another name, since this one has a meaning of its own");
    }
    try {
      if (text.indexOf('/') < 0) {
        return Repository.parse(text).name();
      }
    } catch (OciException e) {
      throw new IllegalArgumentException(e);
    }
    throw new IllegalArgumentException();
  }

  private static ImagePattern imagePattern(String text) {
    try {
      return ImagePattern.parse(text);
    } catch (OciException e) {
      throw new Expected("a pattern of images, but: " + e.getMessage(), e);
    }
  }

  private static ImagePattern repositoryPattern(String text) {
    ImagePattern pattern = imagePattern(text);
    if (pattern.tag() != null || pattern.digest() != null) {
      throw new Expected("a repository without tag or digest, since its blobs have neither");
    }
    return pattern;
  }

  private static String userName(String text) {
    if (text.isBlank() || text.length() > 255 || text.matches("(?s).*[:\\p{Cntrl}].*")) {
      throw new IllegalArgumentException();
    }
    return text;
  }

  private static String variable(String text) {
    if (!text.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new IllegalArgumentException();
    }
    return text;
  }

  private static Pattern regex(String text) {
    try {
      return Pattern.compile(notEmpty(text));
    } catch (PatternSyntaxException e) {
      throw new Expected(
          "a regular expression, but: "
              + e.getDescription()
              + " near character "
              + (e.getIndex() + 1),
          e);
    }
  }
}
