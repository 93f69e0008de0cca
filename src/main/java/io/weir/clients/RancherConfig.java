package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * k3s and RKE2: {@code registries.yaml}, of which they make the files of their containerd.
 *
 * @see <a href="https://docs.k3s.io/installation/private-registry">k3s, private registries</a>
 */
final class RancherConfig implements Generator {

  private final String program;
  private final String services;

  /**
   * @param program {@code k3s} or {@code rke2}
   * @param services what has to be restarted
   */
  RancherConfig(String program, String services) {
    this.program = program;
    this.services = services;
  }

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of(path("registries.yaml"), registries(mirror)));
    if (mirror.onlyMirror()) {
      files.add(
          ClientFile.of(
              path("config.yaml.d/50-weir.yaml"),
              """
              # Closes the way to the registries that registries.yaml has mirrors for.
              # Place:   every node; then restart %s.
              disable-default-registry-endpoint: true
              """
                  .formatted(services)));
    }
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of(path("weir-ca.crt"), ca.pem())));
    return new ClientConfig(files, mirror.notesAnd(mirror.notesOnParts(program)));
  }

  private String registries(Mirror mirror) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        # Pulls go to Weir%s.
        # Place:   %s on every node; merge it with the one that is there.
        #          Read at the start only: restart %s.
        %s\
        """
            .formatted(
                mirror.onlyMirror()
                    ? ", and never to the registries themselves"
                    : ", and to the registries themselves where Weir cannot be reached or fails",
                path("registries.yaml"),
                services,
                mirror.example().test("crictl pull ")));
    if (mirror.needsClientCertificate()) {
      yaml.append(
          "# Weir lets in who has a certificate: cert_file and key_file have to be there.\n");
    }
    if (mirror.needsLogin()) {
      yaml.append("# Weir asks who pulls: replace USERNAME and PASSWORD.\n");
    }
    yaml.append("mirrors:\n");
    for (Route route : mirror.wholeRegistries()) {
      yaml.append("  ").append(Quoted.of(route.reference())).append(":\n    endpoint:\n");
      endpoints(mirror, route)
          .forEach(url -> yaml.append("      - ").append(Quoted.of(url)).append('\n'));
    }
    return yaml + configs(mirror);
  }

  private static List<String> endpoints(Mirror mirror, Route route) {
    List<String> endpoints = new ArrayList<>();
    endpoints.add(mirror.urlBehindV2(route));
    // What is asked last by itself is asked by HTTPS.
    if (route.isPlainHttp() && !mirror.onlyMirror()) {
      endpoints.add(route.registry().toString());
    }
    return endpoints;
  }

  private String configs(Mirror mirror) {
    StringBuilder keys = new StringBuilder();
    if (mirror.needsLogin()) {
      keys.append("    auth:\n      username: USERNAME\n      password: PASSWORD\n");
    }
    if (mirror.ca().isPresent() || mirror.needsClientCertificate()) {
      keys.append("    tls:\n");
    }
    mirror
        .ca()
        .ifPresent(_ -> keys.append("      ca_file: ").append(path("weir-ca.crt")).append('\n'));
    if (mirror.needsClientCertificate()) {
      keys.append("      cert_file: ").append(path("weir-client.crt")).append('\n');
      keys.append("      key_file: ").append(path("weir-client.key")).append('\n');
    }
    if (keys.isEmpty()) {
      return "";
    }
    StringBuilder configs = new StringBuilder("configs:\n");
    for (String authority : mirror.authorities()) {
      configs.append("  ").append(Quoted.of(authority)).append(":\n").append(keys);
    }
    return configs.toString();
  }

  private String path(String name) {
    return "/etc/rancher/" + program + "/" + name;
  }
}
