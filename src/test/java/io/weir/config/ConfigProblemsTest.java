package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigProblemsTest {

  // Keys

  @Test
  void anUnknownKeyIsRefusedWithTheNearestOne() {
    assertThat(Parsing.problems("registry:\n  lissen: :5000\n"))
        .containsExactly("weir.yaml:2: registry.lissen: unknown key; did you mean \"listen\"?");
  }

  @Test
  void anUnknownKeyOfTheStoreAndWhatStaysInItIsRefusedWithTheNearestOne() {
    assertThat(
            Parsing.problems(
                """
                admin: {token: s3cret}
                store:
                  max-sise: 1Gi
                  minfree: 1Gi
                retention:
                  tll: 7d
                  lowwater: 90%
                  pin: []
                scrub:
                  intervall: 1d
                  bandwith: 1Mi
                  verify-on-reads: true
                upstreams:
                  quay.io:
                    retention: {tll: 7d, maxsize: 1Gi, pins: []}
                """))
        .containsExactly(
            "weir.yaml:1: admin.token: unknown key; expected one of listen, token-file",
            "weir.yaml:3: store.max-sise: unknown key; did you mean \"max-size\"?",
            "weir.yaml:4: store.minfree: unknown key; did you mean \"min-free\"?",
            "weir.yaml:6: retention.tll: unknown key; did you mean \"ttl\"?",
            "weir.yaml:7: retention.lowwater: unknown key; did you mean \"low-water\"?",
            "weir.yaml:8: retention.pin: unknown key; did you mean \"pins\"?",
            "weir.yaml:10: scrub.intervall: unknown key; did you mean \"interval\"?",
            "weir.yaml:11: scrub.bandwith: unknown key; did you mean \"bandwidth\"?",
            "weir.yaml:12: scrub.verify-on-reads: unknown key; did you mean"
                + " \"verify-on-read\"?",
            "weir.yaml:15: upstreams.quay.io.retention.tll: unknown key; did you mean"
                + " \"ttl\"?",
            "weir.yaml:15: upstreams.quay.io.retention.maxsize: unknown key; did you mean"
                + " \"max-size\"?",
            "weir.yaml:15: upstreams.quay.io.retention.pins: unknown key; did you mean"
                + " \"retention.pins\"?");
  }

  @Test
  void anUnknownKeyThatBelongsElsewhereIsRefusedWithItsPlace() {
    assertThat(Parsing.problems("listen: :5000"))
        .containsExactly("weir.yaml:1: listen: unknown key; did you mean \"registry.listen\"?");
    assertThat(Parsing.problems("max-size: 1Gi"))
        .containsExactly("weir.yaml:1: max-size: unknown key; did you mean \"store.max-size\"?");
    assertThat(Parsing.problems("timeouts: {connect: 1s}"))
        .containsExactly(
            "weir.yaml:1: timeouts: unknown key; did you mean \"upstreams.NAME.timeouts\"?");
  }

  @Test
  void anUnknownKeyThatIsNearNoOtherIsRefusedWithAllOfThem() {
    assertThat(Parsing.problems("quota: {size: 7}"))
        .containsExactly(
            "weir.yaml:1: quota: unknown key; expected one of registry, admin, store, retention,"
                + " scrub, cache, tracing, tags, upstreams");
  }

  @Test
  void aPasswordInTheFileIsRefusedWithoutBeingShown() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  quay.io:
                    credentials:
                      username: me
                      password: s3cret
                    allow-anonymous: true
                """))
        .containsExactly(
            "weir.yaml:4: upstreams.quay.io.credentials.username: expected password-file or"
                + " password-env beside it (got neither)",
            "weir.yaml:5: upstreams.quay.io.credentials.password: a password cannot stand in this"
                + " file; expected password-file, the file that holds it, or password-env, the"
                + " environment variable");
  }

  @Test
  void aKeyThatStandsThereTwiceIsRefused() {
    assertThat(Parsing.problems("admin:\n  listen: :1\nadmin:\n  listen: :2\n"))
        .containsExactly("weir.yaml:3: admin: expected once (it also stands in line 1)");
  }

  @Test
  void anUpstreamThatStandsThereTwiceIsRefused() {
    assertThat(Parsing.problems("upstreams:\n  quay.io:\n  ghcr.io:\n  quay.io:\n"))
        .containsExactly(
            "weir.yaml:4: upstreams.quay.io: expected once (it also stands in line 2)");
  }

  @Test
  void aKeyThatIsNoTextIsRefused() {
    assertThat(Parsing.problems("[a]: 1\n? \n"))
        .containsExactly(
            "weir.yaml:1: expected a key (got a list)",
            "weir.yaml:2: expected a key (got nothing)");
  }

  @Test
  void tracesThatCouldNotBeSentAreRefused() {
    assertThat(
            Parsing.problems(
                """
                tracing:
                  endpiont: http://a:4318
                  endpoint: http://me:s3cret@a:4318
                  sample-ratio: 10%
                """))
        .containsExactly(
            "weir.yaml:2: tracing.endpiont: unknown key; did you mean \"endpoint\"?",
            "weir.yaml:3: tracing.endpoint: expected a URL without a user or a password (got"
                + " \"http://***@a:4318\")",
            "weir.yaml:4: tracing.sample-ratio: expected a number from 0 to 1, such as 0.1 (got"
                + " \"10%\")");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "endpoint: collector:4318 | endpoint: expected a URL such as http://collector.example.net:4318",
        "endpoint: http://a/v1/traces | endpoint: expected the collector's URL without /v1/traces",
        "endpoint: grpc://a:4317 | endpoint: expected a URL such as",
        "sample-ratio: 1.5 | sample-ratio: expected a number from 0 to 1",
        "sample-ratio: -0.1 | sample-ratio: expected a number from 0 to 1",
        "sample-ratio: .nan | sample-ratio: expected a number from 0 to 1",
        "service-name: '' | service-name: expected text",
      })
  void valuesOfTracingAreChecked(String yaml, String problem) {
    assertThat(Parsing.problems("tracing: {" + yaml + "}"))
        .singleElement()
        .asString()
        .startsWith("weir.yaml:1: tracing." + problem);
  }

  // Documents

  @Test
  void allProblemsAreToldAtOnceByLine() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  lab:
                    connections: many
                  quay.io:
                    aliases: [lab]
                tags:
                  refresh: soon
                registry:
                  default-upstream: docker.io
                """))
        .containsExactly(
            "weir.yaml:2: upstreams.lab.url: expected a URL such as https://registry.example.net,"
                + " because the name is not a host (got nothing)",
            "weir.yaml:3: upstreams.lab.connections: expected a number from 1 to 10000 (got"
                + " \"many\")",
            "weir.yaml:5: upstreams.quay.io.aliases: expected a name of its own (got lab, which"
                + " means the upstream lab)",
            "weir.yaml:7: tags.refresh: expected a duration such as 500ms, 30s, 5m, 168h, 7d or 0"
                + " (got \"soon\")",
            "weir.yaml:9: registry.default-upstream: expected the name or an alias of an upstream,"
                + " or none (got \"docker.io\")");
  }

  @Test
  void whatIsNotYamlIsRefusedWithItsLine() {
    assertThat(Parsing.problems("registry:\n  listen: [1\nadmin: x\n"))
        .containsExactly("weir.yaml:3: not YAML: expected ',' or ']', but got :");
    assertThat(Parsing.problems("registry:\n\tlisten: :5000\n"))
        .singleElement()
        .asString()
        .startsWith("weir.yaml:2: not YAML: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[a, b]|a list", "just words|text", "12|text"})
  void aDocumentThatIsNoMapIsRefused(String yaml, String got) {
    assertThat(Parsing.problems(yaml))
        .containsExactly(
            "weir.yaml:1: expected a map with keys such as registry (got " + got + ")");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing but a comment\n", "---\n...\n", "null"})
  void aDocumentWithNothingInItIsTheDefaults(String yaml) {
    assertThat(Parsing.parse(yaml)).isEqualTo(Parsing.parse("{}"));
  }

  @Test
  void aSecondDocumentIsRefused() {
    assertThat(Parsing.problems("admin: {}\n---\nadmin: {}\n"))
        .containsExactly("weir.yaml:2: not YAML: but found another document");
  }

  @Test
  void aDocumentThatIsTooDeepIsRefused() {
    assertThat(Parsing.problems("registry:\n  " + "[".repeat(100_000)))
        .containsExactly("weir.yaml:2: expected at most 20 levels of lists and maps");
  }

  @Test
  void aDocumentOfTooManyAliasesIsRefused() {
    String bomb = "registry: &a {}\nupstreams:\n" + "  x: *a\n".repeat(51);

    assertThat(Parsing.problems(bomb)).anyMatch(problem -> problem.contains("aliases"));
  }

  @Test
  void anAliasOfItselfIsRefused() {
    assertThat(Parsing.problems("upstreams: &a {quay.io: *a}"))
        .anyMatch(problem -> problem.startsWith("weir.yaml:1: upstreams.quay.io.quay.io: unknown"));
  }

  @Test
  void anAliasMayBeUsed() {
    Config config =
        Parsing.parse("upstreams: {quay.io: {deny: &list [a/**]}, ghcr.io: {deny: *list}}");

    assertThat(Parsing.upstream(config, "ghcr.io").deny()).containsExactly("a/**");
  }

  // Values

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5000 | expected an address such as 0.0.0.0:5000, :5000 or \"[::1]:5000\" (got 5000)",
        "     | expected an address such as 0.0.0.0:5000, :5000 or \"[::1]:5000\" (got nothing)",
        "{}   | expected an address such as 0.0.0.0:5000, :5000 or \"[::1]:5000\" (got a map)",
        "here | expected an address such as 0.0.0.0:5000, :5000 or \"[::1]:5000\" (got \"here\")",
        "localhost:65536 | expected a port from 0 to 65535 (got \"localhost:65536\")",
        "300.0.0.1:80 | expected a host name or an IPv4 address (got \"300.0.0.1:80\")",
        "'[1::2::3]:80' | expected an IPv6 address between [ and ] (got \"[1::2::3]:80\")",
      })
  void anAddressThatIsNoneIsRefused(String value, String message) {
    assertThat(Parsing.problems("registry: {listen: " + text(value) + "}"))
        .containsExactly("weir.yaml:1: registry.listen: " + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "30", "30 s", "-1s", "1.5h", "1w", "s", "true", "9999999999s"})
  void aDurationThatIsNoneIsRefused(String value) {
    assertThat(Parsing.problems("tags: {refresh: " + value + "}"))
        .singleElement()
        .asString()
        .startsWith(
            "weir.yaml:1: tags.refresh: expected a duration such as 500ms, 30s, 5m, 168h, 7d or 0"
                + " (got ");
  }

  @Test
  void aDurationOfMoreThanAHundredYearsIsRefused() {
    assertThat(Parsing.problems("registry: {shutdown-grace: 36501d}"))
        .containsExactly(
            "weir.yaml:1: registry.shutdown-grace: expected a duration of at most 36500d (got"
                + " \"36501d\")");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "25h", "always"})
  void aTimeLimitThatIsNoneIsRefused(String value) {
    assertThat(Parsing.problems("upstreams: {quay.io: {timeouts: {stall: " + value + "}}}"))
        .containsExactly(
            "weir.yaml:1: upstreams.quay.io.timeouts.stall: expected a duration from 1ms to 1d, such"
                + " as 30s (got \""
                + value
                + "\")");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lots", "10GB", "10 Gi", "1.5Gi", "-1Gi", "Gi", "1K", "0", "0Gi", "0%"})
  void aLimitThatIsNoSizeOrNothingIsRefused(String value) {
    assertThat(
            Parsing.problems(
                """
                store: {max-size: %1$s}
                upstreams: {quay.io: {retention: {max-size: %1$s}}}
                """
                    .formatted(value)))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(
            "weir.yaml:1: store.max-size: expected a size above 0 such as 100Gi, or 80% of the file"
                + " system (got ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "store: {max-size: 101%} | store.max-size: expected a part from 0% to 100% (got \"101%\")",
        "store: {max-size: 8Ei} | store.max-size: expected a size of less than 8Ei (got \"8Ei\")",
        "store: {min-free: some} | store.min-free: expected a size such as 10Gi, or 5% of the file system (got \"some\")",
        "store: {min-free: 100%} | store.min-free: expected room for the store, so less than 100% (got \"100%\")",
        "store: {min-free: true} | store.min-free: expected a size such as 10Gi, or 5% of the file system (got true)",
        "retention: {ttl: never} | retention.ttl: expected a duration such as 500ms, 30s, 5m, 168h, 7d or 0 (got \"never\")",
        "retention: {low-water: 49%} | retention.low-water: expected a part from 50% to 100% (got \"49%\")",
        "retention: {low-water: 95} | retention.low-water: expected a part from 50% to 100% (got 95)",
        "retention: {low-water: 10Gi} | retention.low-water: expected a part from 50% to 100% (got \"10Gi\")",
        "scrub: {interval: monthly} | scrub.interval: expected a duration such as 500ms, 30s, 5m, 168h, 7d or 0 (got \"monthly\")",
        "scrub: {bandwidth: 5%} | scrub.bandwidth: expected bytes a second, more than 0, such as 20Mi (got \"5%\")",
        "scrub: {bandwidth: 0} | scrub.bandwidth: expected bytes a second, more than 0, such as 20Mi (got 0)",
        "scrub: {verify-on-read: always} | scrub.verify-on-read: expected true or false (got \"always\")",
        "admin: {token-file: } | admin.token-file: expected a path (got nothing)",
        "upstreams: {a.io: {retention: {ttl: 1}}} | upstreams.a.io.retention.ttl: expected a duration such as 500ms, 30s, 5m, 168h, 7d or 0 (got 1)",
      })
  void whatCannotBeStoredKeptOrVerifiedIsRefused(String yaml, String message) {
    assertThat(Parsing.problems(yaml)).containsExactly("weir.yaml:1: " + message);
  }

  @Test
  void aPinThatIsNoPatternOfImagesIsRefused() {
    assertThat(
            Parsing.problems(
                """
                retention:
                  pins:
                    - alpine:3.*
                    - docker.io/library/Alpine
                    - docker.io/library/alpine:.*
                    - docker.io/library/alpine@sha256:123
                    - 7
                """))
        .containsExactly(
            "weir.yaml:3: retention.pins[0]: expected a pattern of images, but: the pattern"
                + " has to begin with an upstream, for example docker.io/library/alpine:3.* (got"
                + " \"alpine:3.*\")",
            "weir.yaml:4: retention.pins[1]: expected a pattern of images, but: the pattern"
                + " is not UPSTREAM/REPOSITORY, in lower case, with :TAG or @DIGEST if any (got"
                + " \"docker.io/library/Alpine\")",
            "weir.yaml:5: retention.pins[2]: expected a pattern of images, but: no tag"
                + " can match the pattern's: at most 128 of A-Z a-z 0-9 _ . - and *, not . or - first (got"
                + " \"docker.io/library/alpine:.*\")",
            "weir.yaml:6: retention.pins[3]: expected a pattern of images, but: not a digest:"
                + " sha256 needs 64 lower-case hexadecimal digits (got"
                + " \"docker.io/library/alpine@sha256:123\")",
            "weir.yaml:7: retention.pins[4]: expected a pattern of images, but: the pattern"
                + " has to begin with an upstream, for example docker.io/library/alpine:3.* (got 7)");
  }

  @Test
  void aWordThatIsNearAChoiceIsRefusedWithTheChoice() {
    assertThat(Parsing.problems("cache: {abandoned: finsh}\ntags: {stale-if-error: allways}"))
        .containsExactly(
            "weir.yaml:1: cache.abandoned: expected finish or stop (got \"finsh\"); did you mean"
                + " \"finish\"?",
            "weir.yaml:2: tags.stale-if-error: expected always, never or a duration such as 7d (got"
                + " \"allways\"); did you mean \"always\"?");
  }

  @Test
  void aRuleNeedsBothItsKeysAndAPatternThatCompiles() {
    assertThat(
            Parsing.problems(
                """
                tags:
                  rules:
                    - match: '(v'
                      refresh: 1d
                    - {match: a}
                    - v1
                    -
                """))
        .containsExactly(
            "weir.yaml:3: tags.rules[0].match: expected a regular expression, but: Unclosed group"
                + " near character 3 (got \"(v\")",
            "weir.yaml:5: tags.rules[1].refresh: expected a duration such as 500ms, 30s, 5m, 168h,"
                + " 7d or 0 (got nothing)",
            "weir.yaml:6: tags.rules[2]: expected a map with keys such as match (got text)",
            "weir.yaml:7: tags.rules[3].match: expected a regular expression such as '^v\\d+$' (got"
                + " nothing)",
            "weir.yaml:7: tags.rules[3].refresh: expected a duration such as 500ms, 30s, 5m, 168h,"
                + " 7d or 0 (got nothing)");
  }

  @Test
  void aListThatIsNoneIsRefused() {
    assertThat(
            Parsing.problems(
                """
                tags: {rules: v1}
                upstreams:
                  quay.io:
                    aliases: quay
                    allow: {a: b}
                """))
        .containsExactly(
            "weir.yaml:1: tags.rules: expected a list of maps with match and refresh (got text)",
            "weir.yaml:4: upstreams.quay.io.aliases: expected a list, each entry a name of"
                + " lower-case letters and digits, with . _ - between them (got text)",
            "weir.yaml:5: upstreams.quay.io.allow: expected a list, each entry a repository or a"
                + " pattern such as library/* or team-a/** (got a map)");
  }

  @Test
  void aTextThatYamlTakesForANumberIsRefusedWithTheRemedy() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  quay.io:
                    credentials: {username: 007, password-env: PASSWORD}
                    allow-anonymous: true
                """))
        .containsExactly(
            "weir.yaml:3: upstreams.quay.io.credentials.username: expected text (got 007; put it in"
                + " quotes)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "\"true\"", "1"})
  void aFlagIsTrueOrFalse(String value) {
    assertThat(Parsing.problems("upstreams: {quay.io: {allow-anonymous: " + value + "}}"))
        .singleElement()
        .asString()
        .startsWith("weir.yaml:1: upstreams.quay.io.allow-anonymous: expected true or false (got ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10001", "1.5", "99999999999"})
  void aNumberOutOfBoundsIsRefused(String value) {
    assertThat(Parsing.problems("upstreams: {quay.io: {connections: " + value + "}}"))
        .containsExactly(
            "weir.yaml:1: upstreams.quay.io.connections: expected a number from 1 to 10000 (got "
                + value
                + ")");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "registry.example.net | expected a URL such as https://registry.example.net",
        "ftp://example.net | expected a URL such as https://registry.example.net",
        "https:// | expected a URL such as https://registry.example.net",
        "https://a_b.example.net | expected a URL with a host, and a port from 1 to 65535 if any",
        "https://example.net:70000 | expected a URL with a host, and a port from 1 to 65535 if any",
        "https://example.net/a?b=c | expected a URL without ? and #",
        "https://example.net/v2/ | expected the registry's URL without /v2, which every request gets by itself",
        "https://example.net/A | expected a URL whose path is the beginning of repository names",
      })
  void aUrlThatIsNoneIsRefused(String url, String message) {
    assertThat(Parsing.problems("upstreams: {lab: {url: '" + url + "'}}"))
        .containsExactly("weir.yaml:1: upstreams.lab.url: " + message + " (got \"" + url + "\")");
  }

  @ParameterizedTest
  @CsvSource({"https://me:s3cret@example.net", "https://me:s3/cr@et@example.net"})
  void aPasswordInAUrlIsRefusedWithoutBeingShown(String url) {
    assertThat(Parsing.problems("upstreams: {lab: {url: '" + url + "', proxy: '" + url + "'}}"))
        .hasSize(2)
        .allMatch(problem -> problem.endsWith("(got \"https://***@example.net\")"));
  }

  @Test
  void aPasswordInTheWrongPlaceIsRefusedWithoutBeingShown() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  quay.io:
                    credentials: {username: me, password-env: s3cret!}
                    allow-anonymous: true
                  ghcr.io:
                    credentials: 'me:s3cret'
                    allow-anonymous: true
                """))
        .containsExactly(
            "weir.yaml:3: upstreams.quay.io.credentials.password-env: expected the name of an"
                + " environment variable (got something else)",
            "weir.yaml:6: upstreams.ghcr.io.credentials: expected a map with keys such as username"
                + " (got text)");
  }

  @Test
  void whatIsShownOfAValueIsShortAndOnOneLine() {
    assertThat(Parsing.problems("cache: {abandoned: \"a\\n\\e[31m" + "b".repeat(100) + "\"}"))
        .containsExactly(
            "weir.yaml:1: cache.abandoned: expected finish or stop (got \"a??[31m"
                + "b".repeat(53)
                + "…\")");
  }

  // Upstreams

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Quay | expected a name of lower-case letters and digits, with . _ - between them",
        "a/b | expected a name of lower-case letters and digits, with . _ - between them",
        "-a | expected a name of lower-case letters and digits, with . _ - between them",
        "none | expected another name, since this one has a meaning of its own",
        "v2 | expected another name, since this one has a meaning of its own",
        "quay.io:0 | expected a port from 1 to 65535",
      })
  void aNameThatCannotStandInAPathIsRefused(String name, String message) {
    assertThat(Parsing.problems("upstreams: {'" + name + "': {url: https://quay.io}}"))
        .containsExactly(
            "weir.yaml:1: upstreams." + name + ": " + message + " (got \"" + name + "\")");
  }

  @Test
  void aNameWithAPortNeedsAnAlias() {
    assertThat(Parsing.problems("upstreams:\n  registry.example.net:5000:\n"))
        .containsExactly(
            "weir.yaml:2: upstreams.registry.example.net:5000: expected an alias, because a name with"
                + " a port cannot stand in a path: aliases: [registry.example.net]");
  }

  @Test
  void anAliasWithAColonIsRefused() {
    assertThat(Parsing.problems("upstreams: {quay.io: {aliases: ['quay.io:443']}}"))
        .containsExactly(
            "weir.yaml:1: upstreams.quay.io.aliases[0]: expected a name without a colon, which cannot"
                + " stand in a path (got \"quay.io:443\")");
  }

  @Test
  void aNameThatMeansTwoUpstreamsIsRefused() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  docker.io:
                  registry-1.docker.io:
                  quay.io:
                    aliases: [quay, index.docker.io]
                    hosts: [shared.example.net]
                  ghcr.io:
                    aliases: [quay]
                    hosts: [quay.io, Shared.example.net]
                """))
        .containsExactly(
            "weir.yaml:3: upstreams.registry-1.docker.io: expected a name of its own (got"
                + " registry-1.docker.io, which means the upstream docker.io)",
            "weir.yaml:5: upstreams.quay.io.aliases: expected a name of its own (got"
                + " index.docker.io, which means the upstream docker.io)",
            "weir.yaml:8: upstreams.ghcr.io.aliases: expected a name of its own (got quay, which"
                + " means the upstream quay.io)",
            "weir.yaml:9: upstreams.ghcr.io.hosts: expected a name of its own (got quay.io, which"
                + " means the upstream quay.io)",
            "weir.yaml:9: upstreams.ghcr.io.hosts: expected a name of its own (got"
                + " shared.example.net, which means the upstream quay.io)");
  }

  @Test
  void anUpstreamMayRepeatItsOwnNames() {
    Config config =
        Parsing.parse(
            "upstreams: {quay.io: {aliases: [quay.io, quay, quay], hosts: [quay.io, QUAY.IO]}}");

    assertThat(Parsing.upstream(config, "quay.io").aliases()).containsExactly("quay.io", "quay");
    assertThat(Parsing.upstream(config, "quay.io").hosts()).containsExactly("quay.io");
  }

  @Test
  void aHostHasNoPort() {
    assertThat(Parsing.problems("upstreams: {quay.io: {hosts: ['quay.example.net:5000']}}"))
        .containsExactly(
            "weir.yaml:1: upstreams.quay.io.hosts[0]: expected a host name or an IPv4 address (got"
                + " \"quay.example.net:5000\")");
  }

  @Test
  void aTokenRealmIsAHostAndNoUrl() {
    assertThat(Parsing.problems("upstreams: {quay.io: {token-realms: ['https://auth.io/token']}}"))
        .hasSize(1);
  }

  @Test
  void aListOfNoUpstreamsIsRefused() {
    assertThat(Parsing.problems("store: {}\nupstreams:\n"))
        .containsExactly(
            "weir.yaml:2: upstreams: expected at least one upstream; without this key there are the"
                + " default ones");
  }

  @Test
  void anUnknownDefaultUpstreamIsRefusedWithTheNearestOne() {
    assertThat(Parsing.problems("registry: {default-upstream: quai.io}"))
        .containsExactly(
            "weir.yaml:1: registry.default-upstream: expected the name or an alias of an upstream, or"
                + " none (got \"quai.io\"); did you mean \"quay.io\"?");
  }

  @Test
  void anUpstreamHasOneUrlOrSeveralButNotBoth() {
    assertThat(
            Parsing.problems(
                """
                upstreams:
                  a:
                    url: https://a.example.net
                    urls: [https://b.example.net]
                  b:
                    urls: []
                """))
        .containsExactly(
            "weir.yaml:4: upstreams.a.urls: expected either url or urls, not both",
            "weir.yaml:6: upstreams.b.urls: expected at least one URL (got an empty list)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | : expected username and password-file or password-env, or docker-config, or exec (got nothing)",
        "{password-file: f} | .username: expected the user of the password (got nothing)",
        "{username: me} | .username: expected password-file or password-env beside it (got neither)",
        "{username: me, password-file: f, password-env: E} | .password-env: expected either password-file or password-env, not both",
        "{username: me, docker-config: f} | .docker-config: expected either docker-config or a username and its password, not both",
        "{exec: [a, get], password-env: E} | .exec: expected either exec or a username and its password, not both",
        "{exec: [a, get], docker-config: f} | .exec: expected either exec or docker-config, not both",
        "{exec: []} | .exec: expected a program and its arguments, such as [docker-credential-ecr-login, get] (got an empty list)",
        "{exec: s3cret} | .exec: expected a list, each entry a program or an argument (got text)",
        "{exec: [a, [s3cret]]} | .exec[1]: expected a program or an argument (got a list)",
        "{exec: [a, '']} | .exec[1]: expected a program or an argument (got something else)",
        "{username: me, password-env: E, refresh: 1h} | .refresh: expected exec or docker-config beside it: a password's file is read when it changes",
        "{exec: [a], refresh: 30s} | .refresh: expected a duration from 1m to 30d, such as 6h (got \"30s\")",
        "{exec: [a], refresh: 31d} | .refresh: expected a duration from 1m to 30d, such as 6h (got \"31d\")",
      })
  void credentialsAreOneWayToKnowOnePassword(String credentials, String message) {
    String yaml = "upstreams: {quay.io: {allow-anonymous: true, credentials: " + credentials + "}}";

    assertThat(Parsing.problems(yaml))
        .containsExactly("weir.yaml:1: upstreams.quay.io.credentials" + message);
  }

  @ParameterizedTest
  @CsvSource({"cert, key", "key, cert"})
  void aServersCertificateNeedsItsKeyAndAKeyItsCertificate(String given, String missing) {
    assertThat(Parsing.problems("registry:\n  tls: {%s: file}\n".formatted(given)))
        .containsExactly(
            "weir.yaml:2: registry.tls.%s: expected a path (got nothing)".formatted(missing));
  }

  @Test
  void aClientCertificateNeedsItsKeyAndAKeyItsCertificate() {
    assertThat(
            Parsing.problems(
                "upstreams:\n  a.io: {tls: {client-cert: c}}\n  b.io: {tls: {client-key: k}}\n"))
        .containsExactly(
            "weir.yaml:2: upstreams.a.io.tls.client-cert: expected client-key beside it (got"
                + " nothing)",
            "weir.yaml:3: upstreams.b.io.tls.client-key: expected client-cert beside it (got"
                + " nothing)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Library/*", "a***", "/a", "a//b", "a/", "[ab]", ""})
  void aPatternThatNoRepositoryCanMatchIsRefused(String glob) {
    assertThat(Parsing.problems("upstreams: {quay.io: {deny: ['" + glob + "']}}")).hasSize(1);
  }

  // Listeners

  @Test
  void twoListenersOnOneAddressAreRefused() {
    assertThat(
            Parsing.problems(
                """
                admin: {listen: localhost:5000}
                upstreams:
                  quay.io: {listen: 127.0.0.1:5001}
                  ghcr.io: {listen: 127.0.0.1:5001}
                """))
        .containsExactly(
            "weir.yaml:1: admin.listen: expected an address of its own (got localhost:5000, while"
                + " registry.listen is 0.0.0.0:5000)",
            "weir.yaml:4: upstreams.ghcr.io.listen: expected an address of its own (got"
                + " 127.0.0.1:5001, while upstreams.quay.io.listen is 127.0.0.1:5001)");
  }

  @Test
  void aListenerOnTheAddressOfADefaultIsRefusedWhereItStands() {
    assertThat(Parsing.problems("registry: {listen: ':5001'}"))
        .containsExactly(
            "weir.yaml:1: registry.listen: expected an address of its own (got 0.0.0.0:5001, while"
                + " admin.listen is 127.0.0.1:5001)");
  }

  @Test
  void listenersMayLetTheSystemChooseTheirPorts() {
    Config config = Parsing.parse("registry: {listen: ':0'}\nadmin: {listen: ':0'}");

    assertThat(config.registry().listen()).isEqualTo(config.admin().listen());
  }

  @Test
  void credentialsOpenToEveryoneAreRefused() {
    assertThat(
            Parsing.problems(
                """
                registry: {listen: 127.0.0.1:5000}
                upstreams:
                  quay.io:
                    credentials: {docker-config: config.json}
                  ghcr.io:
                    credentials: {docker-config: config.json}
                    listen: :5010
                """))
        .containsExactly(
            "weir.yaml:6: upstreams.ghcr.io.credentials: expected registry.auth, or"
                + " allow-anonymous: true beside it, or a loopback address as"
                + " upstreams.ghcr.io.listen (got 0.0.0.0:5010): whoever reaches that could read what"
                + " these credentials can");
  }

  @Test
  void credentialsBehindTheDefaultListenerAreRefused() {
    assertThat(Parsing.problems("upstreams:\n  quay.io: {credentials: {docker-config: c}}\n"))
        .containsExactly(
            "weir.yaml:2: upstreams.quay.io.credentials: expected registry.auth, or"
                + " allow-anonymous: true beside it, or a loopback address as registry.listen (got"
                + " 0.0.0.0:5000): whoever reaches that could read what these credentials can");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth: {htpasswd: users}",
        "auth: {htpasswd: users, anonymous: {allow: ['**']}}",
        "tls: {cert: a, key: b, client-ca: c}",
      })
  void credentialsAreOpenToClientsThatSayWhoTheyAre(String registry) {
    String yaml =
        "registry: {%s}\nupstreams:\n  quay.io: {credentials: {docker-config: c}}\n"
            .formatted(registry);

    assertThat(Parsing.parse(yaml).registry().identifiesClients()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auth: {}", "auth:", "auth: {anonymous: {allow: ['**']}}"})
  void anAuthThatNobodyCouldPassIsRefused(String auth) {
    assertThat(Parsing.problems("registry:\n  %s\n".formatted(auth)))
        .containsExactly(
            "weir.yaml:2: registry.auth.htpasswd: expected a file of users and passwords, or"
                + " client-ca in registry.tls: otherwise nobody could say who they are (got"
                + " nothing)");
  }

  @Test
  void whatNobodyCouldMeanByAnAllowListIsRefused() {
    assertThat(
            Parsing.problems(
                """
                registry:
                  auth:
                    htpasswd: users
                    anonymous: {}
                    users:
                      none: {allow: []}
                      tag: {allow: [quay.io/**, 'docker.io/library/alpine:3.*']}
                      typo: {allow: [docker.io/**, dokcer.io/**]}
                      alias: {allow: [index.docker.io/library/*]}
                      stars: {allow: ['**', '*.io/**', '**/alpine']}
                      'a:b': {allow: ['**']}
                """))
        .containsExactly(
            "weir.yaml:4: registry.auth.anonymous.allow: expected a list, each entry a repository or"
                + " a pattern such as docker.io/library/* or quay.io/** (got nothing)",
            "weir.yaml:6: registry.auth.users.none.allow: expected at least one pattern; '**' is"
                + " everything (got an empty list)",
            "weir.yaml:7: registry.auth.users.tag.allow[1]: expected a repository without tag or"
                + " digest, since its blobs have neither (got \"docker.io/library/alpine:3.*\")",
            "weir.yaml:8: registry.auth.users.typo.allow: expected a pattern that begins with the"
                + " name of an upstream (got \"dokcer.io/**\"); did you mean \"docker.io\"?",
            "weir.yaml:9: registry.auth.users.alias.allow: expected a pattern that begins with the"
                + " name of an upstream (got \"index.docker.io/library/*\")",
            "weir.yaml:11: registry.auth.users.a:b: expected the name of a user, or '*' for all"
                + " others, without a colon (got \"a:b\")");
  }

  @Test
  void usersWithNobodyInItAreRefused() {
    assertThat(Parsing.problems("registry: {auth: {htpasswd: users, users: {}}}"))
        .containsExactly(
            "weir.yaml:1: registry.auth.users: expected at least one user; without this key every"
                + " user may pull everything");
  }

  // The command line

  @Test
  void aMistakeOnTheCommandLineIsToldAfterThoseOfTheFile() {
    Overrides overrides =
        new Overrides(
            Optional.of("nowhere"),
            Optional.of(":70000"),
            Optional.of(Path.of("data")),
            List.of("lab", "Lab=http://x", "test=x", "=y"));

    assertThat(Parsing.problems("registry: {listen: 1}", overrides))
        .containsExactly(
            "weir.yaml:1: registry.listen: expected an address such as 0.0.0.0:5000, :5000 or"
                + " \"[::1]:5000\" (got 1)",
            "--listen: registry.listen: expected an address such as 0.0.0.0:5000, :5000 or"
                + " \"[::1]:5000\" (got \"nowhere\")",
            "--admin: admin.listen: expected a port from 0 to 65535 (got \":70000\")",
            "--upstream: expected a name of lower-case letters and digits, with . _ - between them"
                + " (got \"Lab\")",
            "--upstream: upstreams.test.url: expected a URL such as https://registry.example.net (got"
                + " \"x\")",
            "--upstream: expected a name of lower-case letters and digits, with . _ - between them"
                + " (got \"\")",
            "--upstream: upstreams.lab.url: expected a URL such as https://registry.example.net,"
                + " because the name is not a host (got nothing)");
  }

  private static String text(@Nullable String cell) {
    return cell == null ? "" : cell;
  }
}
