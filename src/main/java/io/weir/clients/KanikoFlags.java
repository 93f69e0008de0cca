package io.weir.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Kaniko. Of a mirror with a path it takes the first segment for a registry where that has a dot,
 * and goes there without a word; so upstreams need an alias without dots, or an address of their
 * own.
 */
final class KanikoFlags implements Generator {

  private static final String FILE = "weir-kaniko-flags.txt";
  private static final String FOLDER = "/kaniko/ssl/";

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    List<String> notes = new ArrayList<>(mirror.notesOnParts("Kaniko"));
    files.add(ClientFile.of(FILE, flags(mirror, notes)));
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of(FOLDER + "weir-ca.crt", ca.pem())));
    if (mirror.needsLogin()) {
      notes.add(
          ("Weir asks who pulls: /kaniko/.docker/config.json with {\"auths\": {\"%s\": {\"auth\":"
                  + " \"BASE64_OF_USERNAME:PASSWORD\"}}}")
              .formatted(mirror.example().authority()));
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static String flags(Mirror mirror, List<String> notes) {
    StringBuilder flags = new StringBuilder();
    flags.append(
        """
        # Kaniko pulls base images through Weir. Flags of /kaniko/executor, one a line: args of its pod.
        # Test:    a build FROM %s; Weir's access log then has a line for each request.
        """
            .formatted(mirror.example().image()));
    for (Route route : mirror.wholeRegistries()) {
      Optional<String> place = place(route);
      if (place.isPresent()) {
        flags.append("--registry-map=").append(key(route)).append('=').append(place.get());
        flags.append('\n');
      } else {
        notes.add(missing(route));
        flags.append("# ").append(missing(route)).append('\n');
      }
    }
    for (String authority : mirror.authorities()) {
      flags.append(access(mirror, authority));
    }
    if (mirror.onlyMirror()) {
      flags.append("--skip-default-registry-fallback\n");
    }
    return flags.toString();
  }

  /** Docker Hub is known by another name here. */
  private static String key(Route route) {
    return route.isDockerHub() ? "index.docker.io" : route.reference();
  }

  private static Optional<String> place(Route route) {
    if (route.segment().isEmpty()) {
      return Optional.of(route.authority());
    }
    List<String> names = new ArrayList<>(route.aliases());
    names.addFirst(route.segment());
    return names.stream()
        .filter(name -> name.indexOf('.') < 0)
        .findFirst()
        .map(name -> route.authority() + "/" + name)
        .or(route::root);
  }

  private static String missing(Route route) {
    return "%1$s is left out: it needs a name without dots, as in upstreams.%1$s.aliases: [%2$s]"
        .formatted(route.upstream(), route.upstream().replace('.', '-').replace(':', '-'));
  }

  private static String access(Mirror mirror, String authority) {
    StringBuilder flags = new StringBuilder();
    if (!mirror.https()) {
      flags.append("--insecure-registry=").append(authority).append('\n');
    }
    mirror
        .ca()
        .ifPresent(_ ->
            flags.append("--registry-certificate=" + authority + "=" + FOLDER + "weir-ca.crt\n"));
    if (mirror.needsClientCertificate()) {
      flags.append("# Weir lets in who has a certificate: both files (PEM) have to be there.\n");
      flags.append("--registry-client-cert=").append(authority).append('=');
      flags.append(FOLDER + "weir-client.crt," + FOLDER + "weir-client.key\n");
    }
    return flags.toString();
  }
}
