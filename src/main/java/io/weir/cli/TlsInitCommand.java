package io.weir.cli;

import io.weir.tls.CaFolder;
import io.weir.tls.CertificateFiles;
import io.weir.tls.HostName;
import io.weir.tls.PrivateCa;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir tls init}. */
@Command(
    name = "init",
    description =
        "Makes a private certificate authority and a server certificate, and says what to do with"
            + " them.")
final class TlsInitCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      required = true,
      converter = TlsCommand.HostConverter.class,
      description =
          "A name or an IP address by which clients reach the server, such as weir.example.net,"
              + " *.example.net or 10.0.0.5. Repeatable.")
  private List<HostName> hosts = List.of();

  @Option(
      names = "--client",
      paramLabel = "NAME",
      converter = TlsCommand.ClientConverter.class,
      description =
          "Makes a certificate for a client of that name too, for registry.tls.client-ca."
              + " Repeatable.")
  private List<String> clients = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the files go. Otherwise ./tls.")
  private Path output = Path.of("tls");

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      converter = TlsCommand.DaysConverter.class,
      defaultValue = TlsCommand.DAYS,
      description = "How long the certificates last, ${DEFAULT-VALUE} days without this.")
  private int days;

  @Option(
      names = "--force",
      description =
          "Replaces what is in the folder, the authority too: nodes have to trust the new one then.")
  private boolean force;

  TlsInitCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    CaFolder folder = new CaFolder(output.toAbsolutePath().normalize());
    if (!force) {
      refuseToReplace(folder);
    }
    Instant now = terminal.clock().instant();
    PrivateCa authority = PrivateCa.create(now);
    folder.create();
    folder
        .authority()
        .write(new CertificateFiles.Content(List.of(authority.certificate()), authority.key()));
    CertificateFiles.Content server =
        TlsCommand.withNewKey(
            authority, key -> authority.server(hosts, key.getPublic(), now, days));
    folder.server().write(server);
    for (String client : clients) {
      folder
          .client(client)
          .write(
              TlsCommand.withNewKey(
                  authority, key -> authority.client(client, key.getPublic(), now, days)));
    }
    print(folder, authority, server);
    return 0;
  }

  private void refuseToReplace(CaFolder folder) throws IOException {
    List<CertificateFiles> wanted = new ArrayList<>(List.of(folder.authority(), folder.server()));
    clients.forEach(client -> wanted.add(folder.client(client)));
    List<Path> there = wanted.stream().flatMap(files -> files.existing().stream()).toList();
    if (!there.isEmpty()) {
      throw new IOException(
          "%s is there already: `weir tls renew` makes new certificates by the same authority,"
                  .formatted(there.getFirst())
              + " --force replaces all, and nodes have to trust the new authority then");
    }
  }

  private void print(CaFolder folder, PrivateCa authority, CertificateFiles.Content server) {
    Path ca = folder.authority().certificate();
    String host = forExample();
    String clientCa = clients.isEmpty() ? "" : ", client-ca: " + ca;
    PrintWriter out = terminal.out();
    Stream.of(
            "Made in " + folder.path() + ":",
            "  ca.crt, ca.key    the authority, until " + TlsCommand.end(authority.certificate()),
            "  tls.crt, tls.key  the server's, for %s, until %s"
                .formatted(join(hosts), TlsCommand.end(server.own())))
        .forEach(out::println);
    for (String client : clients) {
      out.println("  client-%s.crt, .key  for the client %s".formatted(client, client));
    }
    Stream.of(
            "",
            "In the configuration, weir.yaml:",
            "",
            "registry:",
            "  tls: {cert: %s, key: %s%s}"
                .formatted(folder.server().certificate(), folder.server().key(), clientCa),
            "",
            "The user that Weir runs as has to be able to read tls.crt, tls.key"
                + (clients.isEmpty() ? "" : " and ca.crt")
                + "; ca.key need not be there.",
            "",
            "On each node, so that it trusts the server, ca.crt and nothing else:",
            "  Debian, Ubuntu   cp ca.crt /usr/local/share/ca-certificates/weir.crt"
                + " && update-ca-certificates",
            "  RHEL, Fedora     cp ca.crt /etc/pki/ca-trust/source/anchors/weir.crt"
                + " && update-ca-trust",
            "  containerd       ca = \"/etc/containerd/weir-ca.crt\" in certs.d/UPSTREAM/hosts.toml",
            "  podman, CRI-O    cp ca.crt /etc/containers/certs.d/" + host + ":5000/ca.crt",
            "  Docker           cp ca.crt /etc/docker/certs.d/" + host + ":5000/ca.crt",
            "  any of them      weir client-config RUNTIME --ca " + ca)
        .forEach(out::println);
    if (!clients.isEmpty()) {
      out.println(
          "A client shows its own: client.cert and client.key beside that ca.crt (podman, CRI-O,"
              + " Docker), client = [[CERT, KEY]] in hosts.toml (containerd).");
    }
    out.println();
    out.println("Before they end: weir tls renew --output " + folder.path());
    out.flush();
  }

  /** One of the names that a client can ask for. */
  private String forExample() {
    return hosts.stream()
        .filter(host -> !host.text().startsWith("*"))
        .findFirst()
        .map(host -> host.text().indexOf(':') < 0 ? host.text() : "[" + host + "]")
        .orElse("HOST");
  }

  private static String join(List<HostName> hosts) {
    return String.join(", ", hosts.stream().map(HostName::text).toList());
  }
}
