package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for each runtime. */
class ContainerRuntimeTest {

  @Test
  void allHaveTheirNames() {
    assertThat(Arrays.stream(ContainerRuntime.values()).map(ContainerRuntime::label))
        .containsExactly(
            "containerd",
            "crio",
            "podman",
            "buildah",
            "skopeo",
            "docker",
            "buildkit",
            "k3s",
            "rke2",
            "talos",
            "talosctl",
            "openshift",
            "openshift-legacy",
            "kind",
            "minikube",
            "microk8s",
            "kaniko");
  }

  @ParameterizedTest
  @CsvSource({"containrd, containerd", "openshft, openshift", "Podman, podman", "k3, k3s"})
  void aNameThatIsNoneIsRefusedWithTheNearest(String name, String nearest) {
    assertThatThrownBy(() -> ContainerRuntime.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown runtime \"%s\"; did you mean \"%s\"?".formatted(name, nearest));
  }

  @ParameterizedTest
  @EnumSource
  void eachIsToldOfTheServerAndWhereToLookForThePull(ContainerRuntime runtime) {
    Told told = Told.to(runtime, Told.mirror(Told.UPSTREAMS));
    String all = told.notes() + told.files();

    assertThat(told.paths()).doesNotHaveDuplicates().noneMatch(path -> path.contains(".."));
    assertThat(all).contains("cache:5000").contains("access log");
    assertThat(told.files()).allMatch(file -> file.text().endsWith("\n") && file.mode() == 0644);
    assertThat(told.files()).noneMatch(file -> file.text().contains("\r"));
  }

  @ParameterizedTest
  @EnumSource
  void eachIsToldWhereTheLoginGoes(ContainerRuntime runtime) {
    Told open = Told.to(runtime, Told.mirror(Told.UPSTREAMS));
    Told closed = Told.to(runtime, Told.withLogin(Told.mirror(Told.UPSTREAMS)));

    assertThat(open.notes() + open.files()).doesNotContain("USERNAME");
    assertThat(closed.notes() + closed.files()).contains("USERNAME");
  }

  @ParameterizedTest
  @EnumSource
  void eachIsToldWhereTheCertificateGoes(ContainerRuntime runtime) {
    Told told = Told.to(runtime, Told.mirror(Told.MUTUAL_TLS));

    assertThat(told.notes() + told.files())
        .containsIgnoringCase("client")
        .contains("who has a certificate");
    assertThat(told.notes() + told.files()).doesNotContain("http://cache");
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLeftToBeFilledInByUs(ContainerRuntime runtime) {
    for (Mirror mirror : List.of(Told.mirror(Told.UPSTREAMS), Told.onlyMirror(Told.MUTUAL_TLS))) {
      Told told = Told.to(runtime, Told.withLogin(mirror));
      assertThat(told.notes() + told.files()).doesNotContain("%s", "%1$s", "Optional", "null");
    }
  }
}
