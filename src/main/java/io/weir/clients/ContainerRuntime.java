package io.weir.clients;

import io.weir.config.Suggestions;
import java.util.Arrays;
import java.util.List;

/** Whatever pulls images and can be told to pull them elsewhere. */
public enum ContainerRuntime {
  CONTAINERD("containerd", "hosts.toml files, and config_path", new ContainerdConfig()),
  CRIO("crio", "a drop-in of registries.conf", ContainersConfig.ofCrio()),
  PODMAN("podman", "a drop-in of registries.conf", ContainersConfig.ofProgram("podman")),
  BUILDAH("buildah", "a drop-in of registries.conf", ContainersConfig.ofProgram("buildah")),
  SKOPEO("skopeo", "a drop-in of registries.conf", ContainersConfig.ofProgram("skopeo")),
  DOCKER(
      "docker",
      "daemon.json for Docker Hub, hosts.toml files for all from 28 on",
      new DockerConfig()),
  BUILDKIT("buildkit", "buildkitd.toml, also for docker buildx", new BuildkitConfig()),
  K3S("k3s", "registries.yaml", new RancherConfig("k3s", "k3s or k3s-agent")),
  RKE2("rke2", "registries.yaml", new RancherConfig("rke2", "rke2-server or rke2-agent")),
  TALOS("talos", "registry documents from 1.12 on, a machine patch before", new TalosConfig()),
  TALOSCTL("talosctl", "flags for new clusters", new TalosctlFlags()),
  OPENSHIFT(
      "openshift",
      "mirror sets for digests and tags, trust, install-config, from 4.13 on",
      new OpenShiftConfig()),
  OPENSHIFT_LEGACY(
      "openshift-legacy",
      "ImageContentSourcePolicy, and MachineConfigs for tags",
      new OpenShiftLegacyConfig()),
  KIND("kind", "a cluster with hosts.toml files mounted", new KindConfig()),
  MINIKUBE("minikube", "files that it copies into its node", new MinikubeConfig()),
  MICROK8S("microk8s", "hosts.toml files of the snap", new Microk8sConfig()),
  KANIKO("kaniko", "flags of the executor", new KanikoFlags());

  private final String label;
  private final String summary;

  // Generators have no state: nothing of an enum's constant can change.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Generator generator;

  ContainerRuntime(String label, String summary, Generator generator) {
    this.label = label;
    this.summary = summary;
    this.generator = generator;
  }

  /**
   * The runtime that users call so.
   *
   * @throws IllegalArgumentException where there is none, with the nearest that there is
   */
  public static ContainerRuntime named(String label) {
    List<String> labels = Arrays.stream(values()).map(ContainerRuntime::label).toList();
    int index = labels.indexOf(label);
    if (index < 0) {
      throw new IllegalArgumentException(
          "unknown runtime \"%s\"%s".formatted(label, Suggestions.didYouMean(label, labels)));
    }
    return values()[index];
  }

  /** What users call it, such as {@code openshift-legacy}. */
  public String label() {
    return label;
  }

  /** What it is told, in a few words. */
  public String summary() {
    return summary;
  }

  /** What it is told of this mirror. */
  public ClientConfig configFor(Mirror mirror) {
    return generator.generate(mirror);
  }
}
