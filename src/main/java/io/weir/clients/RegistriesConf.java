package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * What containers/image reads, the library of CRI-O, podman, buildah and skopeo.
 *
 * @see <a
 *     href="https://github.com/containers/image/blob/v5.36.0/docs/containers-registries.conf.5.md">
 *     containers-registries.conf(5)</a>
 */
final class RegistriesConf {

  private final Mirror mirror;

  RegistriesConf(Mirror mirror) {
    this.mirror = mirror;
  }

  /** One table for each source, for tags and digests alike. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Route route : mirror.routes()) {
      text.append("\n[[registry]]\n");
      text.append("prefix = ").append(Quoted.of(route.reference())).append('\n');
      text.append("location = ").append(Quoted.of(route.reference())).append('\n');
      if (mirror.onlyMirror()) {
        text.append("# Closes the way to the registry itself, not that to its mirror.\n");
        text.append("blocked = true\n");
      } else if (route.isPlainHttp()) {
        text.append("insecure = true\n");
      }
      text.append("  [[registry.mirror]]\n");
      text.append("  location = ").append(Quoted.of(route.location())).append('\n');
      if (!mirror.https()) {
        text.append("  insecure = true\n");
      }
    }
    return text.toString();
  }

  /** What is to be trusted, a folder for each host and port of the server. */
  List<ClientFile> certificates() {
    List<ClientFile> files = new ArrayList<>();
    for (String authority : mirror.authorities()) {
      mirror
          .ca()
          .ifPresent(ca -> files.add(ClientFile.of(folder(authority) + "/ca.crt", ca.pem())));
    }
    return files;
  }

  /** Lines of a comment on what nodes have to show. */
  String credentials(String login) {
    StringBuilder text = new StringBuilder();
    if (mirror.needsClientCertificate()) {
      text.append("# Weir lets in who has a certificate: client.cert and client.key (PEM) in\n");
      mirror
          .authorities()
          .forEach(authority -> text.append("#          ").append(folder(authority)).append('\n'));
    }
    if (mirror.needsLogin()) {
      text.append("# Weir asks who pulls: ").append(login).append('\n');
    }
    return text.toString();
  }

  static String folder(String authority) {
    return "/etc/containers/certs.d/" + authority;
  }
}
