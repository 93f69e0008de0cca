package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * Talos Linux: documents of their own from 1.12 on, and the part of the machine configuration that
 * every version reads.
 *
 * @see <a
 *     href="https://github.com/siderolabs/talos/tree/v1.13.0/pkg/machinery/config/types/cri">Talos
 *     1.13, registry documents</a>
 */
final class TalosConfig implements Generator {

  static final String DOCUMENTS = "weir-registry-documents.yaml";
  static final String PATCH = "weir-machine-patch.yaml";

  private static final String PLACEHOLDER_CERTIFICATE = "CLIENT_CERTIFICATE";
  private static final String PLACEHOLDER_KEY = "CLIENT_KEY";

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<String> notes = new ArrayList<>(mirror.notesOnParts("Talos"));
    notes.add(
        "Use one of the two files: %s for Talos 1.12 and later, %s for others."
            .formatted(DOCUMENTS, PATCH));
    return new ClientConfig(
        List.of(
            ClientFile.of(
                DOCUMENTS, comment(mirror, DOCUMENTS, "1.12 and later") + documents(mirror)),
            ClientFile.of(PATCH, comment(mirror, PATCH, "before 1.12") + patch(mirror))),
        mirror.notesAnd(notes));
  }

  private static String comment(Mirror mirror, String file, String versions) {
    String more = "";
    if (mirror.needsClientCertificate()) {
      more += "# Weir lets in who has a certificate: replace CLIENT_CERTIFICATE and CLIENT_KEY.\n";
    }
    if (mirror.needsLogin()) {
      more += "# Weir asks who pulls: replace USERNAME and PASSWORD. Only that needs a reboot.\n";
    }
    return """
    # Pulls of Talos %s go to Weir%s.
    # Place:   talosctl patch machineconfig --patch @%s --nodes NODE
    #          or, for new clusters: talosctl gen config NAME https://ENDPOINT:6443 --config-patch @%s
    %s%s\
    """
        .formatted(
            versions,
            mirror.onlyMirror()
                ? ", and never to the registries themselves"
                : ", and to the registries themselves where Weir cannot be reached or fails",
            file,
            file,
            mirror.example().test("talosctl image pull --nodes NODE "),
            more);
  }

  private static String documents(Mirror mirror) {
    List<String> documents = new ArrayList<>();
    for (Route route : mirror.wholeRegistries()) {
      StringBuilder document = document("RegistryMirrorConfig", route.reference());
      document.append("endpoints:\n");
      document.append("  - url: ").append(Quoted.of(mirror.urlBehindV2(route))).append('\n');
      if (!route.segment().isEmpty()) {
        document.append("    overridePath: true\n");
      }
      if (route.isPlainHttp() && !mirror.onlyMirror()) {
        document.append("  - url: ").append(Quoted.of(route.registry().toString())).append('\n');
      }
      document.append("skipFallback: ").append(mirror.onlyMirror()).append('\n');
      documents.add(document.toString());
    }
    for (String authority : mirror.authorities()) {
      documents.addAll(access(mirror, authority));
    }
    return String.join("---\n", documents);
  }

  private static List<String> access(Mirror mirror, String authority) {
    List<String> documents = new ArrayList<>();
    if (mirror.ca().isPresent() || mirror.needsClientCertificate()) {
      StringBuilder document = document("RegistryTLSConfig", authority);
      mirror.ca().ifPresent(ca -> document.append("ca: |-\n").append(ca.indented(2)));
      if (mirror.needsClientCertificate()) {
        document.append("clientIdentity:\n  cert: ").append(PLACEHOLDER_CERTIFICATE);
        document.append("\n  key: ").append(PLACEHOLDER_KEY).append('\n');
      }
      documents.add(document.toString());
    }
    if (mirror.needsLogin()) {
      documents.add(
          document("RegistryAuthConfig", authority)
              .append("username: USERNAME\npassword: PASSWORD\n")
              .toString());
    }
    return documents;
  }

  private static StringBuilder document(String kind, String name) {
    return new StringBuilder("apiVersion: v1alpha1\nkind: ")
        .append(kind)
        .append("\nname: ")
        .append(Quoted.of(name))
        .append('\n');
  }

  private static String patch(Mirror mirror) {
    StringBuilder patch = new StringBuilder("machine:\n  registries:\n    mirrors:\n");
    for (Route route : mirror.wholeRegistries()) {
      patch.append("      ").append(Quoted.of(route.reference())).append(":\n");
      patch.append("        endpoints:\n");
      patch.append("          - ").append(Quoted.of(mirror.urlBehindV2(route))).append('\n');
      if (!route.segment().isEmpty()) {
        patch.append("        overridePath: true\n");
      }
      patch.append("        skipFallback: ").append(mirror.onlyMirror()).append('\n');
    }
    return patch + Indented.by(4, config(mirror));
  }

  /** The part {@code machine.registries.config}, where PEM stands in Base64; or nothing. */
  static String config(Mirror mirror) {
    StringBuilder keys = new StringBuilder();
    if (mirror.ca().isPresent() || mirror.needsClientCertificate()) {
      keys.append("    tls:\n");
    }
    mirror.ca().ifPresent(ca -> keys.append("      ca: ").append(ca.base64()).append('\n'));
    if (mirror.needsClientCertificate()) {
      keys.append("      clientIdentity:\n        crt: ").append(PLACEHOLDER_CERTIFICATE);
      keys.append("_IN_BASE64\n        key: ").append(PLACEHOLDER_KEY).append("_IN_BASE64\n");
    }
    if (mirror.needsLogin()) {
      keys.append("    auth:\n      username: USERNAME\n      password: PASSWORD\n");
    }
    if (keys.isEmpty()) {
      return "";
    }
    StringBuilder config = new StringBuilder("config:\n");
    for (String authority : mirror.authorities()) {
      config.append("  ").append(Quoted.of(authority)).append(":\n").append(keys);
    }
    return config.toString();
  }
}
