package io.weir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AssetsTest {

  private static final Path SOURCES = Path.of("src", "main", "resources", "io", "weir", "web");

  /** What a module imports, or what the first page refers to. */
  private static final Pattern REFERENCE =
      Pattern.compile("(?:from ?|import ?|src=|href=)\"(?<path>[^\"#]+)\"");

  private final Assets assets = new Assets();

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8",
    "/index.html, text/html; charset=utf-8",
    "/app.js, text/javascript; charset=utf-8",
    "/views/images.js, text/javascript; charset=utf-8",
    "/style.css, text/css; charset=utf-8",
    "/logo.svg, image/svg+xml",
    "/lib/lit-html/lit-html.js, text/javascript; charset=utf-8",
  })
  void aFileOfThePageIsFoundWithItsType(String path, String type) throws IOException {
    Asset asset = assets.find(path).orElseThrow();

    assertThat(asset.contentType()).isEqualTo(type);
    assertThat(asset.content()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "//",
        "/views",
        "/views/",
        "/package-info.class",
        "/Assets.class",
        "/../admin/openapi.json",
        "/views/../../admin/openapi.json",
        "/..%2fadmin%2fopenapi.json",
        "//META-INF/MANIFEST.MF",
        "//io/weir/web/index.html",
        "/lib/lit-html/../../../../MANIFEST.MF",
        "/lib/lit-html/package.json",
        "/lib/other/index.js",
        "/lib/lit-html/none.js",
        "/nothing.js",
        "/INDEX.HTML",
        "/index.html\0.js",
      })
  void nothingElseIsFound(String path) throws IOException {
    assertThat(assets.find(path)).isEmpty();
  }

  @Test
  void aFileIsReadOnce() throws IOException {
    assertThat(assets.find("/app.js").orElseThrow()).isSameAs(assets.find("/app.js").orElseThrow());
  }

  @Test
  void filesHaveValidatorsOfTheirOwn() throws IOException {
    List<String> etags =
        List.of(
            assets.find("/").orElseThrow().etag(),
            assets.find("/app.js").orElseThrow().etag(),
            assets.find("/style.css").orElseThrow().etag());

    assertThat(etags).doesNotHaveDuplicates().allMatch(etag -> etag.matches("\"[0-9a-f]{32}\""));
  }

  static List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> "/" + SOURCES.relativize(file))
          .sorted()
          .toList();
    }
  }

  /** A browser would say it only when somebody looks at that view. */
  @ParameterizedTest
  @MethodSource("files")
  void whatAFileRefersToIsThere(String path) throws IOException {
    String text = new String(assets.find(path).orElseThrow().content(), StandardCharsets.UTF_8);

    for (String reference : REFERENCE.matcher(text).results().map(AssetsTest::path).toList()) {
      assertThat(reference).as("%s needs nothing from elsewhere", path).doesNotContain(":");
      String target = URI.create(path).resolve(reference).getPath();
      assertThat(assets.find(target)).as("%s, which %s refers to", target, path).isPresent();
    }
  }

  private static String path(MatchResult reference) {
    return reference.group("path");
  }

  /** The content security policy would not let it have an effect. */
  @ParameterizedTest
  @MethodSource("files")
  void noFileStylesOrScriptsInline(String path) throws IOException {
    String text = new String(assets.find(path).orElseThrow().content(), StandardCharsets.UTF_8);

    assertThat(text).doesNotContain("style=", "innerHTML", "unsafeHTML", "onclick=", "<style");
  }
}
