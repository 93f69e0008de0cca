package io.weir.clients;

/** MicroK8s, whose snap has a containerd of its own. */
final class Microk8sConfig implements Generator {

  private static final String FOLDER = "/var/snap/microk8s/current/args/certs.d";

  @Override
  public ClientConfig generate(Mirror mirror) {
    String place =
        """
        # Place:   %s on every node,
        #          in place of what the snap brings; then sudo snap restart microk8s.daemon-containerd
        """
            .formatted(FOLDER);
    return new ClientConfig(
        new HostsToml(mirror, FOLDER)
            .files(place, "microk8s ctr images pull --hosts-dir " + FOLDER + " "),
        mirror.notesAnd(mirror.notesOnParts("containerd")));
  }
}
