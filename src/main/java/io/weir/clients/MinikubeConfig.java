package io.weir.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** minikube, which copies a folder of the home into its node, whichever runtime is there. */
final class MinikubeConfig implements Generator {

  private static final String HOME = ".minikube/";
  private static final String FILES = HOME + "files";

  @Override
  public ClientConfig generate(Mirror mirror) {
    String place =
        """
        # Place:   ~/%s/etc/containerd/certs.d, then minikube start --container-runtime=containerd%s
        """
            .formatted(FILES, embedded(mirror));
    List<ClientFile> files = new ArrayList<>();
    files.addAll(
        new HostsToml(mirror, FILES + "/etc/containerd/certs.d")
            .files(place, "minikube ssh -- sudo crictl pull "));
    RegistriesConf conf = new RegistriesConf(mirror);
    files.add(
        ClientFile.of(
            FILES + "/etc/containers/registries.conf.d/50-weir.conf",
            """
            # Place:   below ~/%s, then minikube start --container-runtime=cri-o%s
            %s%s\
            """
                .formatted(
                    FILES,
                    embedded(mirror),
                    conf.credentials("add the login to the node's /var/lib/kubelet/config.json"),
                    conf.text())));
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of(HOME + "certs/weir-ca.pem", ca.pem())));
    List<String> notes = new ArrayList<>(mirror.notesOnParts("containerd"));
    notes.add(
        "The files belong below the home directory of the user of minikube, before minikube start.");
    docker(mirror).ifPresent(notes::add);
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static String embedded(Mirror mirror) {
    return mirror.ca().isPresent() ? " --embed-certs" : "";
  }

  /** The one runtime that --registry-mirror is for. */
  private static Optional<String> docker(Mirror mirror) {
    return mirror
        .dockerHub()
        .flatMap(Route::root)
        .map(root ->
            "With the runtime docker, for Docker Hub only and with the way to it open: minikube start"
                + " --container-runtime=docker --registry-mirror=%s%s%s"
                    .formatted(
                        mirror.url(root),
                        mirror.https() ? "" : " --insecure-registry=" + root,
                        embedded(mirror)));
  }
}
