package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * OpenShift and OKD from 4.13 on: mirror sets for digests and for tags, what makes the cluster
 * trust the server, and the part of the installer's configuration.
 *
 * @see <a
 *     href="https://github.com/openshift/api/blob/2a3d73913b5a7caec4c57d5c3d04f51106ec4da3/config/v1/types_image_digest_mirror_set.go">
 *     openshift/api, ImageDigestMirrorSet</a>
 */
final class OpenShiftConfig implements Generator {

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of("weir-mirror-sets.yaml", mirrorSets(mirror)));
    files.addAll(trust(mirror));
    files.add(ClientFile.of("install-config-part.yaml", installConfig(mirror)));
    List<String> notes = new ArrayList<>();
    if (mirror.needsClientCertificate()) {
      notes.add(
          "Weir lets in who has a certificate: a MachineConfig has to put client.cert and client.key"
              + " (PEM) into /etc/containers/certs.d/%s."
                  .formatted(String.join(" and ", mirror.authorities())));
    }
    if (mirror.needsLogin()) {
      notes.add(
          ("Weir asks who pulls: add \"%s\": {\"auth\": \"BASE64_OF_USERNAME:PASSWORD\"} to the"
                  + " auths of the secret pull-secret in openshift-config, or of pullSecret.")
              .formatted(mirror.example().authority()));
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static String mirrorSets(Mirror mirror) {
    String policy = mirror.onlyMirror() ? "NeverContactSource" : "AllowContactingSource";
    StringBuilder sources = new StringBuilder();
    for (Route route : mirror.routes()) {
      sources.append("    - source: ").append(Quoted.of(route.reference())).append('\n');
      sources.append("      mirrors:\n        - ").append(Quoted.of(route.location()));
      sources.append("\n      mirrorSourcePolicy: ").append(policy).append('\n');
    }
    return """
    # Pulls of all nodes go to Weir: the first object is for digests, the second for tags.
    # Place:   oc apply -f weir-mirror-sets.yaml. The machine config operator drains each node.
    #          Both have to say the same mirrorSourcePolicy of a source, and so has any other object
    #          that names it: otherwise none is rolled out, and only its log says so.
    %sapiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata:
      name: weir
    spec:
      imageDigestMirrors:
    %s---
    apiVersion: config.openshift.io/v1
    kind: ImageTagMirrorSet
    metadata:
      name: weir
    spec:
      imageTagMirrors:
    %s\
    """
        .formatted(
            mirror.example().test("oc debug node/NODE -- chroot /host crictl pull "),
            sources,
            sources);
  }

  /** What makes nodes trust the server, or speak HTTP to it. */
  static List<ClientFile> trust(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of("weir-ca.yaml", configMap(mirror, ca))));
    StringBuilder spec = new StringBuilder();
    mirror.ca().ifPresent(_ -> spec.append("  additionalTrustedCA:\n    name: weir-ca\n"));
    if (!mirror.https()) {
      spec.append("  registrySources:\n    insecureRegistries:\n");
      mirror
          .authorities()
          .forEach(authority -> spec.append("      - ").append(Quoted.of(authority)).append('\n'));
    }
    if (!spec.isEmpty()) {
      files.add(
          ClientFile.of(
              "weir-image-config.yaml",
              """
              # How nodes reach Weir. It replaces the lists and names that are there: merge them by hand.
              # Place:   oc patch image.config.openshift.io/cluster --type=merge --patch-file weir-image-config.yaml
              apiVersion: config.openshift.io/v1
              kind: Image
              metadata:
                name: cluster
              spec:
              """
                  + spec));
    }
    return files;
  }

  private static String configMap(Mirror mirror, CaBundle ca) {
    StringBuilder data = new StringBuilder();
    for (String authority : mirror.authorities()) {
      // A key of a ConfigMap has no colon; this is how the operator spells one.
      data.append("  ").append(Quoted.of(authority.replace(":", ".."))).append(": |\n");
      data.append(ca.indented(4));
    }
    return """
    # The certificates to trust, a key for each host..port.
    # Place:   oc apply -f weir-ca.yaml, before weir-image-config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: weir-ca
      namespace: openshift-config
    data:
    %s\
    """
        .formatted(data);
  }

  private static String installConfig(Mirror mirror) {
    StringBuilder part = new StringBuilder();
    part.append(
        """
        # Part of install-config.yaml, from 4.14 on; before, imageDigestSources is imageContentSources.
        """);
    mirror
        .ca()
        .ifPresent(ca ->
            part.append("additionalTrustBundle: |\n")
                .append(ca.indented(2))
                .append("# By default nodes get the bundle only where there is a proxy.\n")
                .append("additionalTrustBundlePolicy: Always\n"));
    part.append("imageDigestSources:\n");
    for (Route route : mirror.routes()) {
      part.append("  - source: ").append(Quoted.of(route.reference())).append('\n');
      part.append("    mirrors:\n      - ").append(Quoted.of(route.location())).append('\n');
      if (mirror.onlyMirror()) {
        part.append("    sourcePolicy: NeverContactSource\n");
      }
    }
    return part.toString();
  }
}
