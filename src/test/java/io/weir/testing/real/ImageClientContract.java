package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.real.ImageClient.Pulled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every client does here: it pulls what was pushed, from a registry that the reference names
 * and from the same one as a mirror of docker.io. For a mirror of docker.io holds {@code
 * library/demo} under just this name.
 */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ImageClientContract {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String BLOBS = "/v2/library/demo/blobs/.+";

  private final TestImage oci = TestImages.oci().multiArch();
  private final TestImage docker = TestImages.docker().multiArch();
  private final TestImage plain = plainImage();

  @AutoClose private DockerRegistry registry;
  @AutoClose private ImageClient client;

  /** The programs that the client consists of. */
  abstract List<String> programs();

  /** Whether it runs as root only. */
  boolean needsRoot() {
    return true;
  }

  /** A client for which the registry is the mirror of docker.io, and which speaks HTTP to it. */
  abstract ImageClient start(DockerRegistry mirror);

  private static TestImage plainImage() {
    TestImages images = TestImages.oci();
    return images.image(images.layer(0), images.layer(1 << 20));
  }

  @BeforeAll
  final void startAll() {
    Programs.require("docker-registry");
    Programs.require(programs().toArray(String[]::new));
    if (needsRoot()) {
      Programs.requireRoot();
    }
    registry = DockerRegistry.started();
    registry.push(oci, "library/demo", "oci");
    registry.push(docker, "library/demo", "docker");
    registry.push(plain, "library/demo", "plain");
    client = start(registry);
  }

  @BeforeEach
  final void forget() {
    client.forgetAll();
    registry.forgetRequests();
  }

  @Test
  void pullsFromTheRegistryThatTheReferenceNames() {
    assertThat(client.pull(registry.reference("library/demo", "oci"))).isEqualTo(Pulled.of(oci));
  }

  @Test
  void pullsThroughTheMirror() {
    assertThat(client.pull("docker.io/library/demo:oci")).isEqualTo(Pulled.of(oci));

    for (Blob layer : oci.here().layers()) {
      assertThat(registry.count("GET", "/v2/library/demo/blobs/" + layer.digest())).isEqualTo(1);
    }
  }

  @Test
  void pullsDockersFormat() {
    assertThat(client.pull("docker.io/library/demo:docker")).isEqualTo(Pulled.of(docker));
  }

  @Test
  void pullsAnImageWithoutAnIndex() {
    assertThat(client.pull("docker.io/library/demo:plain")).isEqualTo(Pulled.of(plain));
  }

  @Test
  void pullsByDigest() {
    assertThat(client.pull("docker.io/library/demo@" + oci.digest())).isEqualTo(Pulled.of(oci));
  }

  @Test
  void transfersEverythingAgainOnceItHasForgotten() {
    client.pull("docker.io/library/demo:oci");
    long first = registry.count("GET", BLOBS);
    client.forgetAll();
    client.pull("docker.io/library/demo:oci");

    assertThat(first).isPositive();
    assertThat(registry.count("GET", BLOBS)).isEqualTo(2 * first);
  }

  @Test
  void failsSoonWhereTheMirrorHasNothing() {
    long started = System.nanoTime();

    assertThatThrownBy(() -> client.pull("docker.io/library/missing:v1"))
        .isInstanceOf(AssertionError.class);

    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(SOON);
    assertThat(registry.requests()).isNotEmpty();
  }
}
