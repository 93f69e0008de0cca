package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/**
 * talosctl, whose flag has no word for a path: the server learns from {@code ns}, which containerd
 * sends, what is meant.
 */
final class TalosctlFlags implements Generator {

  private static final String FILE = "weir-talosctl-flags.txt";
  private static final String PATCH = "weir-access-patch.yaml";

  @Override
  public ClientConfig generate(Mirror mirror) {
    List<ClientFile> files = new ArrayList<>();
    String access = TalosConfig.config(mirror);
    files.add(ClientFile.of(FILE, flags(mirror, !access.isEmpty())));
    if (!access.isEmpty()) {
      files.add(
          ClientFile.of(
              PATCH,
              "# How Talos reaches Weir, which no flag can say.\nmachine:\n  registries:\n"
                  + Indented.by(4, access)));
    }
    List<String> notes = new ArrayList<>(mirror.notesOnParts("Talos"));
    if (mirror.needsClientCertificate()) {
      notes.add(
          "Weir lets in who has a certificate: replace CLIENT_CERTIFICATE_IN_BASE64 and"
              + " CLIENT_KEY_IN_BASE64 in "
              + PATCH
              + ".");
    }
    if (mirror.onlyMirror()) {
      notes.add(
          "The flags leave the way to the registries open; what the runtime talos is told closes it.");
    }
    return new ClientConfig(files, mirror.notesAnd(notes));
  }

  private static String flags(Mirror mirror, boolean hasPatch) {
    StringBuilder flags = new StringBuilder();
    flags.append(
        """
        # Nodes of a new cluster pull through Weir, and from the registries themselves where that fails.
        # Place:   behind talosctl gen config NAME https://ENDPOINT:6443, or talosctl cluster create:
        #          grep -v ^# %s | xargs talosctl gen config NAME https://ENDPOINT:6443
        %s\
        """
            .formatted(FILE, mirror.example().test("talosctl image pull --nodes NODE ")));
    for (Route route : mirror.wholeRegistries()) {
      flags.append("--registry-mirror ").append(route.reference()).append('=');
      flags.append(mirror.url(route.authority())).append('\n');
    }
    if (hasPatch) {
      flags.append("--config-patch @").append(PATCH).append('\n');
    }
    return flags.toString();
  }
}
