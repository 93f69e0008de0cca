package io.weir.web;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of the web page: its own, and below {@code /lib/} those of the libraries that it uses,
 * from their webjars. Each is read when it is first asked for, and kept. Thread-safe.
 */
public final class Assets {

  private static final String FIRST_PAGE = "index.html";

  /** No dot but the one before the ending: a name leads nowhere but to a file of the page. */
  private static final Pattern NAME =
      Pattern.compile("(?:[a-z0-9-]+/)*[a-z0-9-]+\\.(?<ending>[a-z]+)");

  private static final Pattern LIBRARY =
      Pattern.compile("lib/(?<library>lit-html)/(?<file>.+\\.js)");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private static final int ETAG_BYTES = 16;

  private final Map<String, Asset> read = new ConcurrentHashMap<>();

  /**
   * The file at a path; empty where there is none. Blocks the first time.
   *
   * @param path of the request, such as {@code /} or {@code /views/images.js}
   * @throws IOException where the class path cannot be read
   */
  public Optional<Asset> find(String path) throws IOException {
    String name = path.equals("/") ? FIRST_PAGE : path.replaceFirst("^/", "");
    Matcher parts = NAME.matcher(name);
    String type = parts.matches() ? TYPES.get(parts.group("ending")) : null;
    if (type == null) {
      return Optional.empty();
    }
    Asset known = read.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    byte[] content = content(name);
    if (content == null) {
      return Optional.empty();
    }
    Asset asset = new Asset(type, content, etag(content));
    read.put(name, asset);
    return Optional.of(asset);
  }

  private static byte @Nullable [] content(String name) throws IOException {
    Matcher parts = LIBRARY.matcher(name);
    return resource(
        parts.matches() ? ofLibrary(parts.group("library"), parts.group("file")) : name);
  }

  /** Webjars keep their files in a folder of their version. */
  private static String ofLibrary(String library, String file) throws IOException {
    byte[] pom = resource("/META-INF/maven/org.webjars.npm/" + library + "/pom.properties");
    if (pom == null) {
      throw new IOException("the library " + library + " is not on the class path");
    }
    Properties properties = new Properties();
    properties.load(new ByteArrayInputStream(pom));
    return "/META-INF/resources/webjars/%s/%s/%s"
        .formatted(library, properties.getProperty("version"), file);
  }

  private static byte @Nullable [] resource(String name) throws IOException {
    try (InputStream resource = Assets.class.getResourceAsStream(name)) {
      return resource == null ? null : resource.readAllBytes();
    }
  }

  private static String etag(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return '"' + HexFormat.of().formatHex(hash, 0, ETAG_BYTES) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
