package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config.Abandoned;
import io.weir.config.TagsConfig.StaleIfError;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.config.UpstreamConfig.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigDefaultsTest {

  private final Config config = Parsing.parse("");

  @Test
  void theRegistryListensEverywhereOnPort5000() {
    assertThat(config.registry())
        .isEqualTo(
            new Config.Registry(
                new Address("0.0.0.0", 5000),
                Optional.of("docker.io"),
                Duration.ofSeconds(30),
                Optional.empty(),
                false,
                Optional.empty()));
  }

  @Test
  void theAdminListenerIsForThisMachineOnly() {
    assertThat(config.admin())
        .isEqualTo(new Config.Admin(new Address("127.0.0.1", 5001), Optional.empty()));
  }

  @Test
  void theStoreTakesMostOfTheFileSystemAndLeavesALittle() {
    assertThat(config.store())
        .isEqualTo(
            new Config.Store(
                Path.of("/home/user/.local/share/weir"),
                new Size.Percent(80),
                new Size.Percent(5)));
  }

  @Test
  void anImageLeavesAWeekAfterItsLastPull() {
    assertThat(config.retention())
        .isEqualTo(new Config.Retention(Duration.ofDays(7), 95, List.of()));
  }

  @Test
  void allThatIsStoredIsVerifiedOnceAMonthInTheBackground() {
    assertThat(config.scrub()).isEqualTo(new Config.Scrub(Duration.ofDays(30), 20 << 20, false));
  }

  @Test
  void aFetchThatEveryoneLeftIsFinished() {
    assertThat(config.cache().abandoned()).isEqualTo(Abandoned.FINISH);
  }

  @Test
  void fourBlobsOfAnUpstreamAreFetchedAheadAtATime() {
    assertThat(config.cache().prefetch()).isEqualTo(4);
  }

  @Test
  void aBlobComesOverEightConnectionsAtMost() {
    assertThat(config.cache().connectionsPerBlob()).isEqualTo(8);
  }

  @Test
  void nothingIsTraced() {
    assertThat(config.tracing()).isEqualTo(Config.Tracing.DEFAULT);
  }

  @Test
  void aTagIsBelievedForAMinuteAndForeverWhileUpstreamFails() {
    assertThat(config.tags())
        .isEqualTo(new TagsConfig(Duration.ofMinutes(1), StaleIfError.ALWAYS, List.of()));
  }

  @Test
  void theWellKnownRegistriesAreServed() {
    assertThat(config.upstreams().keySet())
        .containsExactly(
            "docker.io",
            "quay.io",
            "ghcr.io",
            "gcr.io",
            "registry.k8s.io",
            "mcr.microsoft.com",
            "public.ecr.aws",
            "registry.gitlab.com",
            "nvcr.io",
            "registry.access.redhat.com");
  }

  @Test
  void anUpstreamHasNothingButItsUrl() {
    assertThat(Parsing.upstream(config, "quay.io"))
        .isEqualTo(
            new UpstreamConfig(
                "quay.io",
                List.of(URI.create("https://quay.io")),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                Tls.DEFAULT,
                Optional.empty(),
                List.of(),
                List.of(),
                32,
                Timeouts.DEFAULT,
                config.tags(),
                new RetentionConfig(Duration.ofDays(7), Optional.empty())));
  }

  @Test
  void dockerHubIsWhereDockerLooksForIt() {
    UpstreamConfig hub = Parsing.upstream(config, "docker.io");

    assertThat(hub.urls()).containsExactly(URI.create("https://registry-1.docker.io"));
    assertThat(hub.aliases()).containsExactly("index.docker.io", "registry-1.docker.io");
    assertThat(hub.tokenRealms()).containsExactly("auth.docker.io");
  }

  @Test
  void gitLabKeepsItsTokenServiceElsewhere() {
    assertThat(Parsing.upstream(config, "registry.gitlab.com").tokenRealms())
        .containsExactly("gitlab.com");
  }

  @Test
  void rootStoresInVarLib() {
    Surroundings root = new Surroundings(Map.of(), Path.of("/tmp"), Path.of("/root"), true);

    assertThat(root.defaultStore()).isEqualTo(Path.of("/var/lib/weir"));
  }

  @Test
  void otherUsersStoreInTheirDataFolder() {
    assertThat(withDataHome("/data").defaultStore()).isEqualTo(Path.of("/data/weir"));
  }

  @Test
  void anEmptyOrRelativeDataFolderIsIgnored() {
    Path inHome = Path.of("/home/user/.local/share/weir");

    assertThat(withDataHome("").defaultStore()).isEqualTo(inHome);
    assertThat(withDataHome("data").defaultStore()).isEqualTo(inHome);
  }

  @Test
  void aSectionWithNothingInItIsAsGoodAsNone() {
    assertThat(Parsing.parse("registry:\nadmin: {}\nstore:\nretention:\nscrub:\ntags: {rules: }\n"))
        .isEqualTo(config);
  }

  private static Surroundings withDataHome(String folder) {
    return new Surroundings(
        Map.of("XDG_DATA_HOME", folder), Path.of("/tmp"), Path.of("/home/user"), false);
  }
}
