package io.weir.testing.real;

import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes images that real runtimes pull and unpack. The layers hold random bytes, so no two images
 * share one unless the caller puts the same layer into both.
 *
 * <pre>{@code
 * TestImages images = TestImages.oci();
 * Layer common = images.layer(100_000);
 * TestImage index =
 *     images.index(
 *         images.image("amd64", common, images.layer(5_000)),
 *         images.image("arm64", common, images.layer(5_000)));
 * }</pre>
 */
public final class TestImages {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int CHUNK_BYTES = 1 << 16;

  private final SplittableRandom random = new SplittableRandom();
  private final Types types;

  private TestImages(Types types) {
    this.types = types;
  }

  private record Types(String index, String manifest, String config, String layer) {}

  /**
   * A gzipped tar with one file.
   *
   * @param diffId the digest of the tar before compression, which runtimes check when they unpack
   */
  public record Layer(Blob blob, Digest diffId) {}

  /** Images as OCI manifests and indexes. */
  public static TestImages oci() {
    return new TestImages(
        new Types(
            MediaType.OCI_INDEX,
            MediaType.OCI_MANIFEST,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar+gzip"));
  }

  /** Images as Docker's schema 2 manifests and manifest lists. */
  public static TestImages docker() {
    return new TestImages(
        new Types(
            MediaType.DOCKER_LIST,
            MediaType.DOCKER_MANIFEST,
            "application/vnd.docker.container.image.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar.gzip"));
  }

  /** The architecture of this machine as Go names it. */
  public static String architecture() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name.equals("aarch64") ? "arm64" : name;
  }

  /** A layer in memory with a file of {@code contentBytes} random bytes. */
  public Layer layer(int contentBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(contentBytes + 4096);
    try {
      Written written = writeLayer(out, contentBytes);
      return new Layer(Blob.of(types.layer, out.toByteArray()), written.diffId);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A layer in a file, written as it is made: for sizes that do not belong into the heap. 256 MiB
   * take about a second. The file has to stay as long as the layer is used.
   */
  public Layer bigLayer(Path file, long contentBytes) {
    try (OutputStream out = Files.newOutputStream(file)) {
      Written written = writeLayer(out, contentBytes);
      return new Layer(Blob.in(file, types.layer, written.digest), written.diffId);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An image for linux on this machine's architecture. */
  public TestImage image(Layer... layers) {
    return image(architecture(), layers);
  }

  /** An image for linux on the architecture. */
  public TestImage image(String architecture, Layer... layers) {
    Blob config = config(architecture, layers);
    ObjectNode manifest = document(types.manifest);
    manifest.set("config", descriptor(config));
    ArrayNode list = manifest.putArray("layers");
    for (Layer layer : layers) {
      list.add(descriptor(layer.blob));
    }
    return new TestImage(
        architecture,
        blob(types.manifest, manifest),
        Optional.of(config),
        Arrays.stream(layers).map(Layer::blob).toList(),
        List.of());
  }

  /** An index of images. */
  public TestImage index(TestImage... images) {
    ObjectNode index = document(types.index);
    ArrayNode list = index.putArray("manifests");
    for (TestImage image : images) {
      ObjectNode entry = descriptor(image.manifest());
      entry.putObject("platform").put("architecture", image.architecture()).put("os", "linux");
      list.add(entry);
    }
    return new TestImage(
        "", blob(types.index, index), Optional.empty(), List.of(), List.of(images));
  }

  /**
   * The usual subject of a test: an index for linux/amd64 and linux/arm64 with two small layers
   * each, of which they share one.
   */
  public TestImage multiArch() {
    Layer common = layer(200_000);
    return index(image("amd64", common, layer(20_000)), image("arm64", common, layer(20_000)));
  }

  private Blob config(String architecture, Layer... layers) {
    ObjectNode config = JSON.createObjectNode();
    config.put("created", "2026-01-01T00:00:00Z");
    config.put("architecture", architecture).put("os", "linux");
    config.putObject("config").putArray("Cmd").add("/bin/true");
    ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    ArrayNode history = config.putArray("history");
    for (Layer layer : layers) {
      diffIds.add(layer.diffId.toString());
      history.addObject().put("created", "2026-01-01T00:00:00Z").put("created_by", "weir test");
    }
    return blob(types.config, config);
  }

  private static ObjectNode document(String mediaType) {
    return JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", mediaType);
  }

  private static ObjectNode descriptor(Blob blob) {
    return JSON.createObjectNode()
        .put("mediaType", blob.mediaType())
        .put("digest", blob.digest().toString())
        .put("size", blob.sizeBytes());
  }

  private static Blob blob(String mediaType, ObjectNode document) {
    return Blob.of(mediaType, JSON.writeValueAsBytes(document));
  }

  private record Written(Digest digest, Digest diffId) {}

  private Written writeLayer(OutputStream out, long contentBytes) throws IOException {
    MessageDigest compressed = Digest.Algorithm.SHA256.newMessageDigest();
    MessageDigest plain = Digest.Algorithm.SHA256.newMessageDigest();
    try (OutputStream gzip =
            new Stored(new BufferedOutputStream(new DigestOutputStream(out, compressed)));
        OutputStream tar = new DigestOutputStream(gzip, plain)) {
      writeTar(tar, contentBytes);
    }
    return new Written(
        Digest.Algorithm.SHA256.finish(compressed.digest()),
        Digest.Algorithm.SHA256.finish(plain.digest()));
  }

  /** A tar in the ustar format (POSIX.1-1988) with one file of random bytes and a random name. */
  private void writeTar(OutputStream out, long contentBytes) throws IOException {
    String name = "layer-%016x.bin".formatted(random.nextLong());
    out.write(Ustar.header(name, contentBytes));
    byte[] chunk = new byte[CHUNK_BYTES];
    for (long left = contentBytes; left > 0; left -= CHUNK_BYTES) {
      random.nextBytes(chunk);
      out.write(chunk, 0, (int) Math.min(left, CHUNK_BYTES));
    }
    out.write(Ustar.end(contentBytes));
  }

  /**
   * Gzip that does not try: random bytes cannot be compressed, and trying takes most of the time.
   */
  private static final class Stored extends GZIPOutputStream {
    Stored(OutputStream out) throws IOException {
      super(out, CHUNK_BYTES);
      def.setLevel(Deflater.NO_COMPRESSION);
    }
  }
}
