package io.weir.clients;

import java.util.ArrayList;
import java.util.List;

/** CRI-O, podman, buildah and skopeo: a drop-in of registries.conf. */
final class ContainersConfig implements Generator {

  private static final String PATH = "/etc/containers/registries.conf.d/50-weir.conf";

  private final String afterwards;
  private final String test;
  private final String login;

  private ContainersConfig(String afterwards, String test, String login) {
    this.afterwards = afterwards;
    this.test = test;
    this.login = login;
  }

  static ContainersConfig ofCrio() {
    return new ContainersConfig(
        "systemctl reload crio",
        "crictl pull ",
        "podman login --authfile /etc/crio/weir-auth.json -u USERNAME -p PASSWORD %s,\n"
            + "#          and global_auth_file = \"/etc/crio/weir-auth.json\" in [crio.image]"
            + " of /etc/crio/crio.conf.d/50-weir.conf");
  }

  /** A program that reads its configuration each time it runs. */
  static ContainersConfig ofProgram(String program) {
    String test = program.equals("skopeo") ? "skopeo inspect docker://" : program + " pull ";
    return new ContainersConfig(
        "nothing to restart", test, program + " login -u USERNAME -p PASSWORD %s");
  }

  @Override
  public ClientConfig generate(Mirror mirror) {
    RegistriesConf conf = new RegistriesConf(mirror);
    String way =
        mirror.onlyMirror()
            ? "# Pulls go to Weir, and never to the registries themselves.\n"
            : "# Pulls go to Weir, and to the registries themselves where Weir gives no manifest.\n";
    String head =
        way
            + """
            # Place:   %s on every node; then: %s.
            #          Without root: ~/.config/containers/registries.conf.d/50-weir.conf
            %s%s\
            """
                .formatted(
                    PATH,
                    afterwards,
                    mirror.example().test(test),
                    conf.credentials(login.formatted(mirror.example().authority())));
    List<ClientFile> files = new ArrayList<>();
    files.add(ClientFile.of(PATH, head + conf.text()));
    files.addAll(conf.certificates());
    return new ClientConfig(files, mirror.notes());
  }
}
