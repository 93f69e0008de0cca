package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.weir.oci.Repository;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryGlobTest {

  @ParameterizedTest
  @CsvSource({
    "library/nginx, library/nginx",
    "library/*, library/nginx",
    "*/nginx, library/nginx",
    "lib*/ng*x, library/nginx",
    "library/nginx*, library/nginx",
    "*, nginx",
    "**, library/a/b",
    "team-a/**, team-a/x",
    "team-a/**, team-a/x/y/z",
    "**/nginx, a/b/nginx",
    "a**z, a/b/z",
    "a**z, az",
    "**a*b, a/a/ab",
    "*a*a*, bababa",
  })
  void aPatternMatchesWhatItsStarsCanStandFor(String glob, String repository) {
    assertThat(RepositoryGlob.parse(glob).matches(Repository.parse(repository))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "library/*, library/a/b",
    "library/*, library",
    "library/nginx, library/nginx2",
    "ibrary/nginx, library/nginx",
    "*, a/b",
    "team-a/**, team-a",
    "team-a/**, team-ab/x",
    "**/nginx, nginx",
    "a*z, a/z",
    "a.b, aab",
  })
  void aPatternMatchesNothingElse(String glob, String repository) {
    assertThat(RepositoryGlob.parse(glob).matches(Repository.parse(repository))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "'library/*', '', true",
    "'team/**', '', false",
    "'team/**, library/nginx', '', true",
    "'', library/nginx, false",
    "'', library/redis, true",
    "library/*, library/nginx, false",
  })
  void anUpstreamServesWhatIsAllowedAndNotDenied(String allow, String deny, boolean serves) {
    Config config =
        Parsing.parse("upstreams: {quay.io: {allow: [%s], deny: [%s]}}".formatted(allow, deny));

    assertThat(Parsing.upstream(config, "quay.io").serves(Repository.parse("library/nginx")))
        .isEqualTo(serves);
  }

  /** With backtracking this would take longer than the universe has been there. */
  @Test
  void aPatternOfManyStarsIsStillQuick() {
    RepositoryGlob glob = RepositoryGlob.parse("*a".repeat(100) + "**b");
    Repository repository = Repository.parse("a".repeat(255));

    assertThat(assertTimeoutPreemptively(Duration.ofSeconds(5), () -> glob.matches(repository)))
        .isFalse();
  }
}
