package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * BuildKit, by itself or below {@code docker buildx}.
 *
 * @see <a
 *     href="https://github.com/moby/buildkit/blob/v0.32.2/docs/buildkitd.toml.md">buildkitd.toml
 *     </a>
 */
final class BuildkitConfig implements Generator {

  private static final String FOLDER = "/etc/buildkit/";
  private static final String CA = FOLDER + "weir-ca.crt";

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of(FOLDER + "buildkitd.toml", text(mirror)));
    mirror.ca().ifPresent(ca -> files.add(ClientFile.of(CA, ca.pem())));
    List<String> notes = new ArrayList<>(mirror.notesOnParts("BuildKit"));
    if (mirror.onlyMirror()) {
      notes.add(
          "BuildKit always goes on to the registry itself: nothing but a firewall keeps it from that.");
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static String text(Mirror mirror) {
    StringBuilder toml = new StringBuilder();
    toml.append(
        """
        # Builds pull through Weir, and from the registries themselves where that fails.
        # Place:   %sbuildkitd.toml, without root ~/.config/buildkit/buildkitd.toml; restart buildkitd.
        #          docker buildx create --name weir --driver docker-container --buildkitd-config buildkitd.toml
        # Test:    echo FROM %s | docker buildx build --builder weir --pull -
        #          Weir's access log then has a line for each request of this pull.
        """
            .formatted(FOLDER, mirror.example().image()));
    if (mirror.needsLogin()) {
      toml.append("# Weir asks who pulls: docker login -u USERNAME ");
      toml.append(mirror.example().authority()).append(" where builds are started.\n");
    }
    for (Route route : mirror.wholeRegistries()) {
      toml.append("\n[registry.").append(Quoted.of(route.reference())).append("]\n");
      toml.append("  mirrors = [").append(Quoted.of(route.location())).append("]\n");
      if (route.isPlainHttp()) {
        toml.append("  http = true\n");
      }
    }
    mirror.authorities().forEach(authority -> toml.append(access(mirror, authority)));
    return toml.toString();
  }

  private static String access(Mirror mirror, String authority) {
    StringBuilder keys = new StringBuilder();
    if (!mirror.https()) {
      keys.append("  http = true\n");
    }
    mirror.ca().ifPresent(_ -> keys.append("  ca = [\"" + CA + "\"]\n"));
    if (mirror.needsClientCertificate()) {
      keys.append("  # Weir lets in who has a certificate: both files (PEM) have to be there.\n");
      keys.append("  [[registry.").append(Quoted.of(authority)).append(".keypair]]\n");
      keys.append("    cert = \"" + FOLDER + "weir-client.crt\"\n");
      keys.append("    key = \"" + FOLDER + "weir-client.key\"\n");
    }
    return keys.isEmpty() ? "" : "\n[registry." + Quoted.of(authority) + "]\n" + keys;
  }
}
