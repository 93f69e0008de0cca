package io.weir.clients;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * OpenShift before 4.13: an ImageContentSourcePolicy, which is for digests only, and machine
 * configurations that put a drop-in of registries.conf on the nodes, which is for tags too.
 */
final class OpenShiftLegacyConfig implements Generator {

  private static final String DROP_IN = "/etc/containers/registries.conf.d/99-weir.conf";
  private static final List<String> ROLES = List.of("master", "worker");

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> onNode = onNode(mirror);
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of("weir-content-source-policy.yaml", policy(mirror)));
    for (String role : ROLES) {
      files.add(ClientFile.of(name(role) + ".yaml", machineConfig(role, onNode, mirror)));
      files.add(ClientFile.of(name(role) + ".bu", butane(role, onNode)));
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "weir-content-source-policy.yaml serves digests without a reboot; 99-*-weir-registries.yaml"
            + " serves tags too, and replaces what the policy says. One of the two is enough.");
    if (mirror.onlyMirror()) {
      notes.add(
          "An ImageContentSourcePolicy always lets nodes go on to the registries: only the machine"
              + " configurations close that way.");
    }
    if (mirror.needsClientCertificate()) {
      notes.add(
          "Weir lets in who has a certificate: add client.cert and client.key (PEM) in"
              + " /etc/containers/certs.d/%s to the machine configurations."
                  .formatted(String.join(" and ", mirror.authorities())));
    }
    if (mirror.needsLogin()) {
      notes.add(
          ("Weir asks who pulls: add \"%s\": {\"auth\": \"BASE64_OF_USERNAME:PASSWORD\"} to the"
                  + " auths of the secret pull-secret in openshift-config.")
              .formatted(mirror.example().authority()));
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static List<ClientFile> onNode(Mirror mirror) {
    RegistriesConf conf = new RegistriesConf(mirror);
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of(DROP_IN, "# Pulls go to Weir.\n" + conf.text()));
    files.addAll(conf.certificates());
    return files;
  }

  private static String policy(Mirror mirror) {
    StringBuilder sources = new StringBuilder();
    for (Route route : mirror.routes()) {
      sources.append("    - source: ").append(Quoted.of(route.reference())).append('\n');
      sources.append("      mirrors:\n        - ").append(Quoted.of(route.location()));
      sources.append('\n');
    }
    return """
    # Pulls by digest go to Weir, and to the registries themselves where Weir gives no manifest.
    # Place:   oc apply -f weir-content-source-policy.yaml. For an HTTP server also insecureRegistries,
    #          for a private CA additionalTrustedCA in image.config.openshift.io/cluster.
    apiVersion: operator.openshift.io/v1alpha1
    kind: ImageContentSourcePolicy
    metadata:
      name: weir
    spec:
      repositoryDigestMirrors:
    %s\
    """
        .formatted(sources);
  }

  private static String machineConfig(String role, List<ClientFile> onNode, Mirror mirror) {
    StringBuilder files = new StringBuilder();
    for (ClientFile file : onNode) {
      files.append("        - path: ").append(Quoted.of(file.path()));
      files.append("\n          mode: ").append(file.mode());
      files.append("\n          overwrite: true\n          contents:\n            source: ");
      files.append(Quoted.of("data:text/plain;charset=utf-8;base64," + base64(file.text())));
      files.append('\n');
    }
    return """
    # Pulls of the nodes of role %1$s go to Weir%2$s.
    # Place:   oc apply -f %3$s.yaml. Each node is drained and restarted.
    #          Source: %3$s.bu, for butane.
    %4$sapiVersion: machineconfiguration.openshift.io/v1
    kind: MachineConfig
    metadata:
      name: %3$s
      labels:
        machineconfiguration.openshift.io/role: %1$s
    spec:
      config:
        ignition:
          version: 3.2.0
        storage:
          files:
    %5$s\
    """
        .formatted(
            role,
            mirror.onlyMirror() ? ", and never to the registries themselves" : "",
            name(role),
            mirror.example().test("oc debug node/NODE -- chroot /host crictl pull "),
            files);
  }

  private static String butane(String role, List<ClientFile> onNode) {
    StringBuilder files = new StringBuilder();
    for (ClientFile file : onNode) {
      files.append("    - path: ").append(Quoted.of(file.path()));
      files.append("\n      mode: 0").append(Integer.toOctalString(file.mode()));
      files.append("\n      overwrite: true\n      contents:\n        inline: |\n");
      files.append(Indented.by(10, file.text()));
    }
    return """
    # Source of %1$s.yaml: butane %1$s.bu -o %1$s.yaml
    variant: openshift
    version: 4.12.0
    metadata:
      name: %1$s
      labels:
        machineconfiguration.openshift.io/role: %2$s
    storage:
      files:
    %3$s\
    """
        .formatted(name(role), role, files);
  }

  private static String name(String role) {
    return "99-" + role + "-weir-registries";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
