package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.real.Command;
import io.weir.testing.real.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The distribution, {@code target/weir}, with its AOT cache: runs after {@code mvn package} has
 * made it.
 */
@Timeout(120)
class DistributionTest {

  private static final Path BUILT = Path.of("target/weir");
  private static final Path CACHE = BUILT.resolve("lib/weir.aot");

  @TempDir private Path folder;

  @BeforeAll
  static void distributionIsBuilt() {
    if (Files.notExists(CACHE)) {
      Programs.skip("not built: " + CACHE);
    }
  }

  @Test
  void itUsesItsCache() {
    assertThat(classesOfCache(BUILT)).isTrue();
    assertSaysItsVersion(version(BUILT, ""));
  }

  @Test
  void aCopyUsesItsCacheWhereverItIs() {
    Path copy = copy("a copy", "-a");

    assertThat(classesOfCache(copy)).isTrue();
  }

  /** JDK 25 does not look, and would run the classes that the jar held before. */
  @Test
  void withoutTheJarsOfTheCacheItIsPassedOverInSilence() {
    Path copy = copy("copy", "-r"); // with other dates

    assertThat(classesOfCache(copy)).isFalse();
    assertSaysItsVersion(version(copy, ""));
  }

  @Test
  void aCacheThatIsDamagedIsPassedOverInSilence() throws IOException {
    Path copy = copy("copy", "-a");
    Files.writeString(copy.resolve("lib/weir.aot"), "not a cache");

    assertSaysItsVersion(version(copy, ""));
  }

  @Test
  void optionsThatDoNotFitTheCacheWorkInSilence() {
    assertSaysItsVersion(version(BUILT, "-XX:-UseCompactObjectHeaders"));
  }

  /**
   * What a start needs is loaded while its command line is read, and so before the log is set up:
   * libraries wrote a page of debug lines to standard output then.
   */
  @Test
  void aStartThatIsRefusedSaysNothingButWhy() throws IOException {
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, "cache: {prefech: 3}\n");

    for (int i = 0; i < 3; i++) {
      Command.Outcome outcome = run(BUILT, "", "serve", "--config", config.toString());
      assertThat(outcome.exitCode()).isEqualTo(2);
      assertThat(outcome.output()).isEmpty();
      assertThat(outcome.errors()).hasLineCount(1).contains("did you mean \"prefetch\"?");
    }
  }

  /**
   * What makes certificates is on the class path of this command only. A check that read them wrote
   * the debug lines of libraries in front of its YAML.
   */
  @Test
  void certificatesAreMadeAndCheckedInSilence() throws IOException {
    String made = folder.resolve("tls").toString();
    Path config = folder.resolve("weir.yaml");
    Files.writeString(config, "registry: {tls: {cert: tls/tls.crt, key: tls/tls.key}}\n");

    Command.Outcome init = run(BUILT, "", "tls", "init", "--host", "weir.test", "--output", made);
    assertThat(init.exitCode()).as("%s", init).isZero();

    Command.Outcome check = run(BUILT, "", "config", "check", "--config", config.toString());
    assertThat(check.exitCode()).as("%s", check).isZero();
    assertThat(check.output()).startsWith("# " + config + " is valid.");
    assertThat(check.errors()).isEmpty();
  }

  /** What the log would say of it stands in the answer. */
  @Test
  void anUpstreamThatIsAwayIsSaidOnce() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("weir.yaml"), "upstreams: {lab: {url: 'http://127.0.0.1:1'}}");

    Command.Outcome check =
        run(BUILT, "", "config", "check", "--online", "--config", config.toString());

    assertThat(check.exitCode()).as("%s", check).isOne();
    assertThat(check.output()).contains("# lab: FAILED: ");
    assertThat(check.errors()).isEmpty();
  }

  /** What drives the browser in tests is as large as all the rest together, three times over. */
  @Test
  void itHasTheLibrariesThatRunAndNoneOfTheTests() throws IOException {
    try (Stream<Path> files = Files.walk(BUILT)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      assertThat(names).anyMatch(name -> name.startsWith("lit-html-"));
      assertThat(names)
          .noneMatch(name -> name.matches("(playwright|driver|axe|junit|assertj|archunit).*"));
    }
  }

  private Path copy(String name, String option) {
    Path copy = folder.resolve(name);
    Command.of("cp", option, BUILT.toString(), copy.toString()).run().orFail();
    return copy;
  }

  /** Whether Weir's own classes come from the cache. */
  private boolean classesOfCache(Path distribution) {
    Command.Outcome outcome = version(distribution, "-Xlog:class+load");
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    assertThat(outcome.output()).contains(" io.weir.cli.Main source: ");
    return outcome.output().contains(" io.weir.cli.Main source: shared objects file");
  }

  private Command.Outcome version(Path distribution, String options) {
    return run(distribution, options, "--version");
  }

  private Command.Outcome run(Path distribution, String options, String... arguments) {
    return Command.of(distribution.resolve("weir").toAbsolutePath().toString(), arguments)
        .withHome(folder)
        .withVariable("JAVA_HOME", System.getProperty("java.home"))
        .withVariable("WEIR_JAVA_OPTS", options)
        .run();
  }

  private static void assertSaysItsVersion(Command.Outcome outcome) {
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    assertThat(outcome.output()).startsWith("weir ").hasLineCount(1);
    assertThat(outcome.errors()).isEmpty();
  }
}
