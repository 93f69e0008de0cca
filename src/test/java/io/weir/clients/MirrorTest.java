package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which sources lead to which upstream, at which address. */
class MirrorTest {

  private static final Pattern OPTION =
      Pattern.compile("--(host|ca|only-mirror|upstream|output|force)\\b");

  private static Mirror mirror(String yaml, String host, String... upstreams) {
    return Mirror.of(
        Told.config(yaml),
        new Wishes(Optional.of(host), "machine", Optional.empty(), false, List.of(upstreams)));
  }

  private static Mirror hostless(String yaml) {
    return Mirror.of(
        Told.config(yaml),
        new Wishes(Optional.empty(), "machine", Optional.empty(), false, List.of()));
  }

  private static List<String> ways(Mirror mirror) {
    return mirror.routes().stream()
        .map(route -> route.reference() + " -> " + route.location())
        .toList();
  }

  @Test
  void everyUpstreamIsReachedByTheNamesOfItsImages() {
    assertThat(ways(mirror(Told.UPSTREAMS, "cache")))
        .containsExactly(
            "docker.io -> cache:5000/docker.io",
            "quay.io -> cache:5010",
            "reg.example.net:5443 -> cache:5000/reg",
            "10.0.0.4:5000 -> cache:5000/lab",
            "10.0.0.5:5000 -> cache:5000/lab",
            "quay.io/openshift-release-dev -> cache:5000/ocp4-mirror");
  }

  @Test
  void aPortThatTheUserNamesIsTheOnlyWayIn() {
    assertThat(ways(mirror(Told.UPSTREAMS, "cache:443")))
        .contains("docker.io -> cache:443/docker.io", "quay.io -> cache:443/quay.io");
  }

  @ParameterizedTest
  @CsvSource({
    "upstreams: {hub: {url: 'https://registry-1.docker.io'}}, docker.io",
    "upstreams: {hub: {url: 'https://index.docker.io'}}, docker.io",
    "upstreams: {docker.io: {url: 'http://parent:5000'}}, docker.io",
    "upstreams: {lab: {url: 'https://Reg.Example.net'}}, reg.example.net",
    "upstreams: {lab: {url: 'https://reg.example.net:443/a/b'}}, reg.example.net:443/a/b",
    "upstreams: {reg.internal: {url: 'http://10.0.0.9:5000'}}, reg.internal",
  })
  void aSourceIsWhatImageReferencesSay(String yaml, String reference) {
    assertThat(mirror(yaml, "cache").routes())
        .singleElement()
        .extracting(Route::reference)
        .isEqualTo(reference);
  }

  @ParameterizedTest
  @CsvSource({
    "upstreams: {docker.io: }, https://registry-1.docker.io",
    "upstreams: {quay.io: {url: 'http://parent:5000/quay.io'}}, https://quay.io",
    "'upstreams: {\"10.0.0.4:5000\": {aliases: [lab], url: \"http://10.0.0.4:5000\"}}',"
        + " http://10.0.0.4:5000",
    "upstreams: {lab: {url: 'http://10.0.0.4:5000/team'}}, http://10.0.0.4:5000",
  })
  void whoGoesAroundTheServerFindsTheSourceItself(String yaml, String registry) {
    assertThat(mirror(yaml, "cache").routes())
        .singleElement()
        .extracting(Route::registry)
        .hasToString(registry);
  }

  /** Two upstreams with one source: the server takes the source for the one that is called so. */
  @Test
  void aSourceBelongsToOneUpstreamOnly() {
    Mirror mirror =
        mirror(
            """
            upstreams:
              private: {url: 'https://quay.io'}
              second: {url: 'https://lab.example.net'}
              third: {url: 'https://lab.example.net'}
              quay.io:
            """,
            "cache");

    assertThat(ways(mirror))
        .containsExactly("lab.example.net -> cache:5000/second", "quay.io -> cache:5000/quay.io");
    assertThat(mirror.notes())
        .contains(
            "Images of quay.io come from the upstream quay.io; those of private are at"
                + " cache:5000/private/REPOSITORY.",
            "Images of lab.example.net come from the upstream second; those of third are at"
                + " cache:5000/third/REPOSITORY.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "registry: {listen: '0.0.0.0:5000'}|machine:5000",
        "registry: {listen: '[::]:5000'}|machine:5000",
        "registry: {listen: 'cache.example.net:80'}|cache.example.net:80",
        "registry: {listen: '10.0.0.1:5000'}|10.0.0.1:5000",
        "registry: {listen: '127.0.0.1:5000'}|127.0.0.1:5000",
      })
  void withoutAHostTheListenerSaysIt(String yaml, String authority) {
    assertThat(hostless(yaml).authorities()).containsExactly(authority);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "registry: {listen: '0.0.0.0:5000'}|machine",
        "registry: {listen: '[::]:5000'}|machine",
        "registry: {listen: 'cache.example.net:80'}|cache.example.net",
        "registry: {listen: '127.0.0.1:5000'}|",
        "registry: {listen: 'localhost:5000'}|",
      })
  void aHostThatNodesMayKnowIsProposed(String yaml, @Nullable String host) {
    assertThat(Mirror.hostOf(Told.config(yaml), "machine")).isEqualTo(Optional.ofNullable(host));
    assertThat(Mirror.hostOf(Told.config("registry: {listen: '0.0.0.0:1'}"), "localhost"))
        .isEmpty();
  }

  /** They are read where there is no command line, too. */
  @Test
  void noNoteNamesAnOption() {
    for (ContainerRuntime runtime : ContainerRuntime.values()) {
      for (Wishes wishes :
          List.of(
              new Wishes(Optional.empty(), "machine", Optional.empty(), true, List.of()),
              new Wishes(Optional.of("cache"), "machine", Optional.of(Told.CA), true, List.of()))) {
        for (String yaml :
            List.of(
                "", "registry: {tls: {cert: a, key: b}}", "registry: {listen: '127.0.0.1:5000'}")) {
          assertThat(runtime.configFor(Mirror.of(Told.config(yaml), wishes)).notes())
              .noneMatch(note -> OPTION.matcher(note).find());
        }
      }
    }
  }

  @Test
  void loopbackIsToldOf() {
    assertThat(hostless("registry: {listen: '127.0.0.1:5000'}").notes())
        .singleElement()
        .asString()
        .contains("no other node can reach");
  }

  /** A private upstream's own listener on loopback is for programs of this machine. */
  @ParameterizedTest
  @CsvSource({"0.0.0.0:5000, machine:5000/quay.io", "127.0.0.1:5000, 127.0.0.1:5010"})
  void aListenerOnLoopbackIsUsedOnlyWhereTheSharedOneIsThereToo(String shared, String location) {
    String yaml =
        "{registry: {listen: '%s'}, upstreams: {quay.io: {listen: '127.0.0.1:5010'}}}"
            .formatted(shared);

    assertThat(hostless(yaml).routes())
        .singleElement()
        .extracting(Route::location)
        .isEqualTo(location);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      delimiter = '|',
      value = {
        "upstreams: {docker.io: }|cache:5000",
        "{registry: {default-upstream: none}, upstreams: {docker.io: }}|none",
        "{registry: {default-upstream: none}, upstreams: {docker.io: {hosts: [hub.local]}}}|hub.local:5000",
        "upstreams: {docker.io: {listen: ':5009'}}|cache:5009",
      })
  void whereNothingHasToBeNamed(String yaml, String root) {
    assertThat(mirror(yaml, "cache").routes().getFirst().root())
        .isEqualTo(Optional.ofNullable(root));
  }

  @Test
  void onlyTheChosenUpstreams() {
    assertThat(ways(mirror(Told.UPSTREAMS, "cache", "lab", "docker.io", "lab")))
        .containsExactly(
            "10.0.0.4:5000 -> cache:5000/lab",
            "10.0.0.5:5000 -> cache:5000/lab",
            "docker.io -> cache:5000/docker.io");
  }

  @Test
  void anUpstreamThatIsNoneIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> mirror(Told.UPSTREAMS, "cache", "quai.io"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--upstream: no upstream \"quai.io\" is configured; did you mean \"quay.io\"?");
  }

  @Test
  void anUpstreamWhoseImagesAreAnothersIsRefusedAlone() {
    assertThatThrownBy(
            () -> mirror("upstreams: {quay.io: , mine: {url: 'https://quay.io'}}", "cache", "mine"))
        .hasMessageContaining("those of mine are at cache:5000/mine/REPOSITORY");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://cache", "cache/path", "", ":5000", "0.0.0.0", "a:b", "::1", "c:0x"})
  void aHostThatIsNoneIsRefused(String host) {
    assertThatThrownBy(() -> mirror(Told.UPSTREAMS, host))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--host: expected HOST or HOST:PORT")
        .hasMessageContaining('"' + host + '"');
  }

  @ParameterizedTest
  @CsvSource({"[::1], [::1]:5000", "[2001:db8::1]:80, [2001:db8::1]:80", "Cache, cache:5000"})
  void aHostMayBeAnAddressOfAnyKind(String host, String authority) {
    assertThat(mirror("upstreams: {docker.io: }", host).authorities()).containsExactly(authority);
  }

  /** Requests with that name in Host would all mean this one upstream. */
  @Test
  void aHostThatBelongsToOneUpstreamIsRefused() {
    assertThatThrownBy(() ->
            mirror("upstreams: {docker.io: , quay.io: {hosts: [quay.local]}}", "Quay.local:5000"))
        .hasMessageContaining("upstreams.quay.io.hosts");
  }

  @Test
  void aPortThatTheSystemChoosesHasToBeTold() {
    String yaml = "registry: {listen: '0.0.0.0:0'}";

    assertThatThrownBy(() -> hostless(yaml)).hasMessageContaining("--host: expected HOST:PORT");
    assertThat(mirror(yaml, "cache:7").authorities()).containsExactly("cache:7");
  }

  @Test
  void trustBelongsToTls() {
    Mirror plain = Told.mirror(Told.UPSTREAMS);
    Mirror mutual = Told.mirror(Told.MUTUAL_TLS);
    Mirror trusted = mirror("registry: {tls: {cert: a, key: b}}\n" + Told.UPSTREAMS, "cache");

    assertThat(plain.https()).isFalse();
    assertThat(plain.ca()).isEmpty();
    assertThat(plain.notes()).anyMatch(note -> note.startsWith("The CA is not used"));
    assertThat(mutual.https()).isTrue();
    assertThat(mutual.ca()).contains(Told.CA);
    assertThat(mutual.needsClientCertificate()).isTrue();
    assertThat(mutual.notes()).isEmpty();
    assertThat(trusted.needsClientCertificate()).isFalse();
    assertThat(trusted.notes()).anyMatch(note -> note.contains("no CA was given"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{listen: ':5000'} | false | false",
        "{auth: {htpasswd: users}} | true | false",
        "{auth: {htpasswd: users, anonymous: {allow: [docker.io/**]}}} | false | false",
        "{tls: {cert: a, key: b, client-ca: c}} | false | true",
        "{tls: {cert: a, key: b, client-ca: c}, auth: {htpasswd: users}} | true | false",
      })
  void whoHasToSayWhoHeIs(String registry, boolean needsLogin, boolean needsCertificate) {
    Mirror mirror = mirror("registry: " + registry + "\nupstreams: {docker.io: }", "cache");

    assertThat(mirror.needsLogin()).isEqualTo(needsLogin);
    assertThat(mirror.needsClientCertificate()).isEqualTo(needsCertificate);
  }
}
