package io.weir.clients;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Docker's daemon. Its {@code registry-mirrors} are for Docker Hub alone and leave the way to the
 * Hub open; from version 28 on, where it keeps images in containerd's store, it reads {@code
 * hosts.toml} files for every registry.
 */
final class DockerConfig implements Generator {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FOLDER = "/etc/docker/certs.d";

  @Override
  public ClientConfig generate(Mirror mirror) {
    Optional<Route> hub = mirror.dockerHub();
    List<ClientFile> files = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    ObjectNode daemon = daemon(mirror, hub);
    if (!daemon.isEmpty()) {
      files.add(
          ClientFile.of(
              "/etc/docker/daemon.json",
              JSON.writerWithDefaultPrettyPrinter().writeValueAsString(daemon) + "\n"));
      notes.add(
          "daemon.json: merge it with the one that is there; then systemctl reload docker. Test:"
              + " docker pull alpine:3, and look into Weir's access log.");
    }
    hub.ifPresent(route -> notes.addAll(notesOnHub(mirror, route)));
    for (String authority : authorities(mirror)) {
      mirror
          .ca()
          .ifPresent(
              ca -> files.add(ClientFile.of(FOLDER + "/" + authority + "/ca.crt", ca.pem())));
      if (mirror.needsClientCertificate()) {
        notes.add(
            "Weir lets in who has a certificate: client.cert and client.key (PEM) in %s/%s."
                .formatted(FOLDER, authority));
      }
    }
    String place =
        """
        # Place:   %s. Read by Docker Engine 28 and later with the containerd image store; others
        #          ignore it, and know a mirror of docker.io only, see daemon.json. Nothing to restart.
        """
            .formatted(FOLDER);
    files.addAll(new HostsToml(mirror, FOLDER).files(place, "docker pull "));
    notes.addAll(mirror.notesOnParts("Docker"));
    if (mirror.needsLogin()) {
      notes.add(
          ("Weir asks who pulls, and Docker has no login for mirrors: with the containerd image store"
                  + " the header in hosts.toml; otherwise docker login -u USERNAME %s, and"
                  + " %s/REPOSITORY in references.")
              .formatted(mirror.example().authority(), mirror.example().location()));
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static ObjectNode daemon(Mirror mirror, Optional<Route> hub) {
    ObjectNode daemon = JSON.createObjectNode();
    hub.ifPresent(route -> daemon.putArray("registry-mirrors").add(url(mirror, route)));
    if (!mirror.https()) {
      authorities(mirror).forEach(daemon.withArray("insecure-registries")::add);
    }
    return daemon;
  }

  /** An address that means Docker Hub by itself suits every version, a path those from 25 on. */
  private static String url(Mirror mirror, Route hub) {
    return hub.root()
        .map(mirror::url)
        .orElseGet(() -> mirror.url(hub.authority()) + "/" + hub.segment());
  }

  private static List<String> notesOnHub(Mirror mirror, Route hub) {
    List<String> notes = new ArrayList<>();
    if (hub.root().isEmpty()) {
      notes.add(
          "A mirror with a path needs Docker Engine 25; before, registry.default-upstream has to be"
              + " docker.io, or the upstream needs a port of its own.");
    }
    if (mirror.onlyMirror()) {
      notes.add(
          "registry-mirrors cannot close the way to Docker Hub: it is closed only where hosts.toml is"
              + " read.");
    }
    return notes;
  }

  private static Set<String> authorities(Mirror mirror) {
    Set<String> authorities = new LinkedHashSet<>(mirror.authorities());
    mirror.dockerHub().flatMap(Route::root).ifPresent(authorities::add);
    return authorities;
  }
}
