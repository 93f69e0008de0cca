package io.weir.store;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.oci.ImagePattern;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.FakeClock;
import io.weir.testing.StorePulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images are found, and in which parts. */
class ImageListingTest {

  private static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Origin UNPRIVILEGED =
      new Origin("docker.io", Repository.parse("nginxinc/nginx-unprivileged"));
  private static final Origin APP = new Origin("quay.io", Repository.parse("team/app"));

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  @AutoClose private Store store;
  private Inventory inventory;
  private StorePulls pulls;

  @BeforeEach
  void fill() throws IOException {
    store = Store.open(root, clock, clock);
    inventory = store.inventory();
    pulls = new StorePulls(store, clock);
    byte[] first = manifest("linux", "s390x");
    pulls.pull(NGINX, "1.27-Alpine", indexOf(first, manifest("linux", "riscv64")));
    pulls.putManifest(NGINX, first);
    pulls.pull(UNPRIVILEGED, "stable", manifest("linux", "arm64"), config("linux", "arm64"));
    pulls.pull(APP, "v1", manifest("windows", "amd64"), config("windows", "amd64"));
    store
        .index()
        .putTag(APP, new Tag("latest"), digest(manifest("windows", "amd64")), clock.instant());
    pulls.pull(APP, "unread", manifest("plan9", "386"));
    store.index().flush();
  }

  private static String config(String os, String architecture) {
    return "{\"os\":\"%s\",\"architecture\":\"%s\"}".formatted(os, architecture);
  }

  private static byte[] manifest(String os, String architecture) {
    String config = config(os, architecture);
    return bytes(
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%d},"layers":[]}\
        """
            .formatted(
                MediaType.OCI_MANIFEST,
                MediaType.OCI_CONFIG,
                digest(bytes(config)),
                config.length()));
  }

  /** An index for linux/s390x and linux/riscv64. */
  private static byte[] indexOf(byte[] first, byte[] second) {
    String entry =
        "{\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}";
    return bytes(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(
                MediaType.OCI_INDEX,
                entry.formatted(digest(first), first.length, "s390x"),
                entry.formatted(digest(second), second.length, "riscv64")));
  }

  private static ImageFilter search(String... words) {
    return new ImageFilter(
        Optional.empty(), Optional.empty(), Arrays.asList(words), Optional.empty());
  }

  private List<String> found(ImageFilter filter) {
    ImagePage page = inventory.images(filter, null, 100);
    assertThat(page.total()).isEqualTo(page.images().size());
    return page.images().stream()
        .map(image -> image.origin().repository() + ":" + image.tags().getLast())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "nginx, library/nginx:1.27-Alpine nginxinc/nginx-unprivileged:stable",
    "NGINX, library/nginx:1.27-Alpine nginxinc/nginx-unprivileged:stable",
    "library/, library/nginx:1.27-Alpine",
    "quay, team/app:v1 team/app:unread",
    "alpine, library/nginx:1.27-Alpine",
    "docker.io/library/nginx:1.27-alpine, library/nginx:1.27-Alpine",
    "nginx stable, nginxinc/nginx-unprivileged:stable",
    "stable nginx docker, nginxinc/nginx-unprivileged:stable",
    "nginx quay, ''",
    "%, ''",
    "_, ''",
    "'''', ''",
  })
  void allWordsHaveToOccur(String words, String images) {
    assertThat(String.join(" ", found(search(words.split(" "))))).isEqualTo(images);
  }

  @ParameterizedTest
  @CsvSource({
    "windows, team/app:v1",
    "Windows/AMD64, team/app:v1",
    "s390x, library/nginx:1.27-Alpine",
    "arm64, nginxinc/nginx-unprivileged:stable",
    "riscv64, ''",
    "app windows, team/app:v1",
    "nginx windows, ''",
    "linux, library/nginx:1.27-Alpine nginxinc/nginx-unprivileged:stable",
    "plan9, ''",
    "unknown, ''",
  })
  void aWordMayBeOfAPlatformThatIsStored(String words, String images) {
    assertThat(String.join(" ", found(search(words.split(" "))))).isEqualTo(images);
  }

  /** The config of an image comes after its manifest. */
  @Test
  void aPlatformIsFoundAsSoonAsItsConfigIsThere() throws IOException {
    assertThat(found(search("386"))).isEmpty();

    pulls.putBlob(APP, config("plan9", "386"));
    store.index().flush();

    assertThat(found(search("386"))).containsExactly("team/app:unread");
  }

  /** As after a lost index: the files are there before anybody knows of the manifest. */
  @Test
  void aPlatformIsFoundWhereTheConfigIsThereFirst() throws IOException {
    pulls.putBlob(APP, config("aix", "ppc64"));
    pulls.pull(APP, "late", manifest("aix", "ppc64"));

    assertThat(found(search("ppc64"))).containsExactly("team/app:late");
  }

  @Test
  void aPlatformIsFoundInEveryRepositoryThatHasTheImage() throws IOException {
    pulls.pull(NGINX, "copy", manifest("windows", "amd64"));

    assertThat(found(search("windows"))).containsExactly("library/nginx:copy", "team/app:v1");
  }

  @Test
  void aConfigThatSaysNothingIsOfNoPlatform() throws IOException {
    for (String config :
        List.of("", "no JSON", "[]", "{}", "{\"os\":", "{\"architecture\":\"386\"}")) {
      pulls.pull(APP, "odd", StorePulls.image(config), config);
    }

    assertThat(found(search("386"))).isEmpty();
    assertThat(inventory.image(APP, new Tag("odd")).orElseThrow().image().platforms()).isEmpty();
  }

  /** It took half a second for ten thousand images to read what each runs on. */
  @Test
  void noFileIsReadToFindAPlatform() throws IOException {
    store.close();
    try (Stream<Path> files = Files.list(root.resolve("blobs/sha256"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    store = Store.open(root, clock, clock);
    inventory = store.inventory();

    assertThat(found(search("arm64"))).containsExactly("nginxinc/nginx-unprivileged:stable");
    assertThat(found(search("windows"))).containsExactly("team/app:v1");
  }

  /**
   * From the list of repositories on, each row is come to by the key of the one that it belongs to;
   * nothing is walked through or sorted. So a search costs so much for each image, and no more.
   */
  @Test
  void aSearchComesToEachImageOnceAndByKeys() throws Exception {
    store.close();
    List<String> steps = new ArrayList<>();
    try (Database db = Database.openForReading(root.resolve("index.db"));
        ResultSet row =
            db.query("EXPLAIN QUERY PLAN " + ImageListing.list(search("nginx", "arm64")))) {
      while (row.next()) {
        steps.add(row.getString("detail"));
      }
    }
    store = Store.open(root, clock, clock);

    assertThat(steps)
        .noneMatch(step -> step.startsWith("SCAN"))
        .noneMatch(step -> step.contains("TEMP B-TREE"))
        .noneMatch(step -> step.contains("AUTOMATIC"))
        .anyMatch(step -> step.startsWith("SEARCH child USING COVERING INDEX platform"));
  }

  @Test
  void aDigestIsFoundByAnyPartOfIt() {
    String digest = digest(manifest("windows", "amd64")).toString();

    assertThat(found(search(digest))).containsExactly("team/app:v1");
    assertThat(found(search(digest.substring(20, 40)))).containsExactly("team/app:v1");
    assertThat(found(search("quay.io/team/app@" + digest))).containsExactly("team/app:v1");
  }

  @Test
  void wordsGoTogetherWithAllElseThatIsAskedFor() {
    assertThat(
            found(
                new ImageFilter(
                    Optional.of("quay.io"), Optional.empty(), List.of("app"), Optional.empty())))
        .hasSize(2);
    assertThat(
            found(
                new ImageFilter(
                    Optional.of("docker.io"),
                    Optional.of("library/nginx"),
                    List.of("1.27"),
                    Optional.of(ImagePattern.parse("**:1.*")))))
        .hasSize(1);
    assertThat(
            found(
                new ImageFilter(
                    Optional.empty(),
                    Optional.empty(),
                    List.of("app"),
                    Optional.of(ImagePattern.parse("quay.io/**:unread")))))
        .containsExactly("team/app:unread");
  }

  @Test
  void aPartSaysHowManyThereAreInAll() throws IOException {
    for (int i = 0; i < 25; i++) {
      pulls.pull(APP, "n" + i, manifest("linux", "a" + i));
    }
    ImageFilter filter = search("team", ":n");
    @Nullable String from = null;
    int seen = 0;
    do {
      ImagePage page = inventory.images(filter, from, 10);
      assertThat(page.total()).isEqualTo(25);
      seen += page.images().size();
      from = page.next().orElse(null);
    } while (from != null);

    assertThat(seen).isEqualTo(25);
  }

  @Test
  void moreWordsThanEightAreRefused() {
    assertThat(found(search("q", "u", "a", "y", ".", "i", "o", "/"))).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search("a", "b", "c", "d", "e", "f", "g", "h", "i"));
    assertThat(search(Collections.nCopies(20, "same").toArray(String[]::new)).words()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a/b", "a/b@", "a/b@1", "a/b@1,", "a/b@x,1", "a/b@1,x", "@1,2"})
  void whatNoPartGaveIsRefused(String from) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> inventory.images(ImageFilter.ALL, from, 10));
  }
}
