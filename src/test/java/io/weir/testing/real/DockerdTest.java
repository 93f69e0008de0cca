package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.real.ImageClient.Pulled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DockerdTest extends ImageClientContract {

  @Override
  List<String> programs() {
    return List.of("dockerd", "containerd", "ctr", "curl");
  }

  @Override
  ImageClient start(DockerRegistry mirror) {
    return Dockerd.started(mirror.uri());
  }

  @Test
  void mirrorsAreReplacedWhileItRuns() {
    TestImage image = TestImages.docker().multiArch();
    try (DockerRegistry first = DockerRegistry.started();
        DockerRegistry second = DockerRegistry.started();
        Dockerd dockerd = Dockerd.started(first.uri())) {
      second.push(image, "library/demo", "v1");
      assertThatThrownBy(() -> dockerd.pull("docker.io/library/demo:v1"))
          .isInstanceOf(AssertionError.class);

      dockerd.mirrors(second.uri());

      assertThat(dockerd.pull("docker.io/library/demo:v1")).isEqualTo(Pulled.of(image));
    }
  }

  @Test
  void aKilledDaemonLeavesNothingMounted() throws Exception {
    Dockerd dockerd = Dockerd.started();
    String folder = dockerd.folder().path().toString();
    dockerd.kill();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).contains(folder);

    dockerd.close();

    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(folder);
    assertThat(Path.of(folder)).doesNotExist();
  }
}
