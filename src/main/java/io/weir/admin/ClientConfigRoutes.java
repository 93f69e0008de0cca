package io.weir.admin;

import io.weir.clients.CaBundle;
import io.weir.clients.ClientConfig;
import io.weir.clients.ClientFile;
import io.weir.clients.ContainerRuntime;
import io.weir.clients.Mirror;
import io.weir.clients.Wishes;
import io.weir.config.Config;
import io.weir.config.MachineName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What container runtimes need to be told so that they pull through this server. */
final class ClientConfigRoutes {

  private static final String PATH = "/api/v1/client-config";

  private final Rooms rooms;

  /** A runtime that can be told; see {@link ContainerRuntime}. */
  record Listed(String name, String summary) {}

  /**
   * All of them, and what to ask for first.
   *
   * @param host see {@link Mirror#hostOf}
   * @param https whether the server speaks TLS, so that nodes may need to be told whom to trust
   */
  record RuntimeList(List<Listed> runtimes, Optional<String> host, boolean https) {}

  /**
   * A file as a node is to have it.
   *
   * @param mode in octal digits, such as {@code 0644}
   */
  record File(String path, String mode, String text) {

    static File of(ClientFile file) {
      return new File(file.path(), "%04o".formatted(file.mode()), file.text());
    }
  }

  /** What one runtime is told; see {@link ClientConfig}. */
  record Told(String runtime, List<File> files, List<String> notes) {}

  ClientConfigRoutes(Rooms rooms) {
    this.rooms = rooms;
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, _ -> Reply.ok(list())),
        Route.get(PATH + "/{runtime}", this::tell, "host", "ca", "onlyMirror", "upstream"));
  }

  private RuntimeList list() {
    Config config = rooms.config().get();
    return new RuntimeList(
        Arrays.stream(ContainerRuntime.values())
            .map(runtime -> new Listed(runtime.label(), runtime.summary()))
            .toList(),
        Mirror.hostOf(config, MachineName.current()),
        config.registry().tls().isPresent());
  }

  private Reply tell(Request request) {
    Query query = request.query();
    Wishes wishes =
        new Wishes(
            query.text("host").filter(host -> !host.isEmpty()),
            MachineName.current(),
            query.text("ca").filter(pem -> !pem.isBlank()).map(ClientConfigRoutes::ca),
            query.flag("onlyMirror"),
            query.text("upstream").stream()
                .flatMap(names -> Stream.of(names.split(",", -1)))
                .filter(name -> !name.isEmpty())
                .toList());
    ContainerRuntime runtime = runtime(request.variable("runtime"));
    try {
      ClientConfig told = runtime.configFor(Mirror.of(rooms.config().get(), wishes));
      return Reply.ok(
          new Told(runtime.label(), told.files().stream().map(File::of).toList(), told.notes()));
    } catch (IllegalArgumentException e) {
      // What is an option of the command is a parameter here.
      throw new Refusal(400, String.valueOf(e.getMessage()).replaceFirst("^--", ""));
    }
  }

  /** The text itself: a path would be one on this machine, and whoever asks knows another. */
  private static CaBundle ca(String pem) {
    try {
      return CaBundle.parse(pem);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "ca: " + e.getMessage());
    }
  }

  private static ContainerRuntime runtime(String name) {
    try {
      return ContainerRuntime.named(name);
    } catch (IllegalArgumentException e) {
      throw new Refusal(404, "%s (GET %s lists all)".formatted(e.getMessage(), PATH));
    }
  }
}
