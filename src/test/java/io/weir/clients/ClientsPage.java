package io.weir.clients;

import java.util.List;
import java.util.Optional;

/** Writes {@code docs/clients.md} from what {@code weir client-config} says. */
final class ClientsPage {

  private static final String INTRODUCTION =
      """
      # Point clients at the cache

      <!-- Written by ClientsPageTest from io.weir.clients. To change it, change that, and run
           mvn test -Dtest=ClientsPageTest -Dweir.docs=write -->

      ```sh
      weir client-config                     # lists the runtimes
      weir client-config containerd          # prints all that containerd on a node needs to be told
      weir client-config crio --output DIR   # writes the files below DIR, laid out as on the node
      ```

      The command reads the same configuration as the server (`--config` as always), so that what it says is what
      the server answers to: scheme, port, names and aliases of upstreams, ports of their own, whether clients need a
      certificate. It asks nobody and changes nothing but DIR; `--output /` is the node itself. A file that is there
      already and says something else is not replaced without `--force`.

      | option | |
      |---|---|
      | `--host HOST[:PORT]` | how nodes reach the cache. Otherwise `registry.listen`, or this machine's name where that is every interface. With a port everything goes there; without one, an upstream with a listener of its own is reached at that |
      | `--ca FILE` | certificates (PEM) that nodes are to trust. They become part of the files; a private key in FILE is refused |
      | `--only-mirror` | nodes never contact the registries themselves, also where the cache fails |
      | `--upstream NAME` | only this upstream; repeatable |
      | `--output DIR`, `--force` | files instead of text |

      **Which images.** An upstream whose name is a host (`docker.io`, `reg.example.net:5000`) serves the images that are
      named so. Any other (`lab`, `ocp4-mirror`) serves those of its URLs' hosts, with the URL's path as the beginning
      of the repository, where the runtime can tell that apart: containers/image and OpenShift can, the others know hosts
      only, and leave it out with a note. Where two upstreams have one source, the name of an upstream wins over a URL,
      and the first URL over the later ones.

      **With TLS and a private CA** give `--ca`. **With client certificates** (`registry.tls.client-ca`) the files say where
      certificate and key have to lie. They hold no secrets: where a name and a password belong, they say `USERNAME` and
      `PASSWORD`.

      **Whether it works** is to be seen in the server's access log, which has a line for each request with its upstream.
      A pull alone proves nothing: without `--only-mirror`, runtimes go to the registry itself where the cache is not found,
      and say nothing.

      Each runtime below is shown for `docker.io` on a server without TLS, by
      `weir client-config RUNTIME --host weir.example.net --upstream docker.io`.
      """;

  private static final int FENCE_MIN = 3;

  private ClientsPage() {}

  static String text() {
    StringBuilder page = new StringBuilder(INTRODUCTION);
    Mirror mirror =
        Mirror.of(
            Told.config("{}"),
            new Wishes(
                Optional.of("weir.example.net"),
                "machine",
                Optional.empty(),
                false,
                List.of("docker.io")));
    for (ContainerRuntime runtime : ContainerRuntime.values()) {
      page.append("\n## ").append(runtime.label()).append("\n\n");
      page.append("What it gets: ").append(runtime.summary()).append(".\n");
      ClientConfig told = runtime.configFor(mirror);
      for (ClientFile file : told.files()) {
        page.append("\n`").append(file.path()).append("`\n\n");
        page.append("```").append(language(file.path())).append('\n');
        page.append(file.text()).append("`".repeat(FENCE_MIN)).append('\n');
      }
      if (!told.notes().isEmpty()) {
        page.append('\n');
        told.notes().forEach(note -> page.append("- ").append(note).append('\n'));
      }
    }
    return page.toString();
  }

  private static String language(String path) {
    String end = path.substring(path.lastIndexOf('.') + 1);
    return switch (end) {
      case "conf" -> "toml";
      case "bu" -> "yaml";
      default -> end;
    };
  }
}
