package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * The {@code hosts.toml} files of containerd, and of all that bring a containerd along: a folder
 * for each registry, the certificates beside the folders.
 *
 * @see <a href="https://github.com/containerd/containerd/blob/v2.0.0/docs/hosts.md">containerd,
 *     registry host configuration</a>
 */
final class HostsToml {

  private static final String CA = "weir-ca.crt";
  private static final String CLIENT_CERTIFICATE = "weir-client.crt";
  private static final String CLIENT_KEY = "weir-client.key";

  private final Mirror mirror;
  private final String folder;

  /**
   * @param folder where the runtime has one folder for each registry
   */
  HostsToml(Mirror mirror, String folder) {
    this.mirror = mirror;
    this.folder = folder;
  }

  /**
   * All files below the folder.
   *
   * @param place lines of a comment: where the files are on the node, and what to do then
   * @param pull the command of the runtime that pulls, to test it with
   */
  List<ClientFile> files(String place, String pull) {
    List<ClientFile> files = new ArrayList<>();
    for (Route route : mirror.wholeRegistries()) {
      files.add(
          ClientFile.of(path(route), comment(route) + place + route.test(pull) + body(route)));
    }
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of(folder + "/" + CA, ca.pem())));
    return files;
  }

  /** Of all spellings of a host with a port, this one is right on every system. */
  private String path(Route route) {
    String host = route.reference();
    int colon = host.indexOf(':');
    String name =
        colon < 0 ? host : host.substring(0, colon) + "_" + host.substring(colon + 1) + "_";
    return folder + "/" + name + "/hosts.toml";
  }

  private String comment(Route route) {
    String way =
        mirror.onlyMirror()
            ? "go to Weir and never to the registry itself"
            : "go to Weir, and to the registry itself where Weir cannot be reached or fails";
    String certificate =
        mirror.needsClientCertificate()
            ? "# Weir lets in who has a certificate: %s and %s (PEM) have to lie in %s.\n"
                .formatted(CLIENT_CERTIFICATE, CLIENT_KEY, folder)
            : "";
    return "# Pulls of %s %s.%n%s".formatted(route.reference(), way, certificate);
  }

  private String body(Route route) {
    String cache = Quoted.of(mirror.urlBehindV2(route));
    if (mirror.onlyMirror()) {
      // Without server, containerd asks the registry last; without [host], 1.6 and early 1.7 refuse
      // the file, and go to the registry.
      return "\nserver = %s\n%s\n[host]\n".formatted(cache, keys(route, "", "header"));
    }
    return "\nserver = %s\n\n[host.%s]\n%s"
        .formatted(
            Quoted.of(route.registry().toString()),
            cache,
            keys(route, "  ", "host." + cache + ".header"));
  }

  private String keys(Route route, String indent, String header) {
    List<String> keys = new ArrayList<>();
    keys.add("capabilities = [\"pull\", \"resolve\"]");
    if (!route.segment().isEmpty()) {
      keys.add("override_path = true");
    }
    // Known to containerd from 2.0.7 and 2.1 on; to others a dead server costs 30 seconds.
    keys.add("dial_timeout = \"3s\"");
    mirror.ca().ifPresent(_ -> keys.add("ca = \"../" + CA + "\""));
    if (mirror.needsClientCertificate()) {
      keys.add("client = [[\"../%s\", \"../%s\"]]".formatted(CLIENT_CERTIFICATE, CLIENT_KEY));
    }
    if (mirror.needsLogin()) {
      keys.add("# Weir asks who pulls. For all pulls of this node:");
      keys.add("# [" + header + "]");
      keys.add("#   Authorization = [\"Basic BASE64_OF_USERNAME:PASSWORD\"]");
    }
    return Indented.by(indent.length(), String.join("\n", keys));
  }
}
