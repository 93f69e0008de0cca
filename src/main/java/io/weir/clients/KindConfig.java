package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/** kind: Kubernetes nodes that are containers, with containerd in them. */
final class KindConfig implements Generator {

  private static final String FOLDER = "certs.d";

  private static final String CLUSTER =
      """
      # A cluster whose nodes pull through Weir.
      # Place:   beside the folder certs.d; then kind create cluster --config kind-cluster.yaml
      #          Nodes that run already: docker cp certs.d/. NODE:/etc/containerd/certs.d
      # Needs:   the server has to be reachable from the nodes, where localhost is the node itself: a
      #          container on the network "kind", named by its name, or an address of this machine.
      kind: Cluster
      apiVersion: kind.x-k8s.io/v1alpha4
      # Images of nodes from kind 0.27 on have this already.
      containerdConfigPatches:
        - |-
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "/etc/containerd/certs.d"
      nodes:
        - role: control-plane
          extraMounts:
            - hostPath: ./certs.d
              containerPath: /etc/containerd/certs.d
        # The same mount for each further node.
      """;

  @Override
  public ClientConfig generate(Mirror mirror) {
    String place =
        """
        # Place:   /etc/containerd/certs.d in each node, see kind-cluster.yaml. Read for each pull.
        """;
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of("kind-cluster.yaml", CLUSTER));
    files.addAll(new HostsToml(mirror, FOLDER).files(place, "docker exec NODE crictl pull "));
    return new ClientConfig(files, mirror.notesAnd(mirror.notesOnParts("containerd")));
  }
}
