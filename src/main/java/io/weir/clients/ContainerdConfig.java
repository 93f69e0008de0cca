package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/** containerd by itself, as Kubernetes, nerdctl and ctr use it. */
final class ContainerdConfig implements Generator {

  private static final String FOLDER = "/etc/containerd/certs.d";

  @Override
  public ClientConfig generate(Mirror mirror) {
    String place =
        """
        # Place:   %s on every node. It is read anew for each pull: nothing to restart.
        # Needs:   config_path in /etc/containerd/config.toml, see weir-config-path-v2.toml and -v3.toml.
        """
            .formatted(FOLDER);
    List<ClientFile> files =
        new ArrayList<>(new HostsToml(mirror, FOLDER).files(place, "crictl pull "));
    files.add(configPath("io.containerd.grpc.v1.cri", 2, "version = 2 (containerd 1.5 to 1.7)"));
    files.add(
        configPath(
            "io.containerd.cri.v1.images", 3, "version = 3 or 4 (containerd 2.0 and later)"));
    List<String> notes = new ArrayList<>(mirror.notesOnParts("containerd"));
    notes.add(
        "ctr does not read containerd's configuration: ctr images pull --hosts-dir " + FOLDER);
    if (mirror.needsLogin()) {
      notes.add(
          "Pull secrets of pods for docker.io are sent to a mirror that asks for a login, and win"
              + " over what the node has.");
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static ClientFile configPath(String plugin, int version, String where) {
    return ClientFile.of(
        "/etc/containerd/weir-config-path-v%d.toml".formatted(version),
        """
        # To be made part of /etc/containerd/config.toml where that says %1$s;
        # then systemctl restart containerd. Once is enough: hosts.toml files need no restart.
        # Not as an import: most releases let an import replace all else that is said of a plug-in.
        # Exactly one folder: a list with : is taken for the name of one by containerd 2.1 and later,
        # and no mirror is used. registry.mirrors and registry.configs must not stand beside it.

        version = %2$d

        [plugins."%3$s".registry]
          config_path = "%4$s"
        """
            .formatted(where, version, plugin, FOLDER));
  }
}
