package io.weir.cli;

import io.weir.tls.CaFolder;
import io.weir.tls.CertificateFiles;
import io.weir.tls.Certificates;
import io.weir.tls.HostName;
import io.weir.tls.PemFile;
import io.weir.tls.PrivateCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir tls renew}. */
@Command(
    name = "renew",
    description = {
      "Makes a new server certificate by the authority of `weir tls init`.",
      "A running server takes it within seconds, for new connections."
    })
final class TlsRenewCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "The folder of the authority. Otherwise ./tls.")
  private Path output = Path.of("tls");

  @Option(
      names = "--host",
      paramLabel = "NAME",
      converter = TlsCommand.HostConverter.class,
      description = "The names, all of them, if they are to be others than before. Repeatable.")
  private List<HostName> hosts = List.of();

  @Option(
      names = "--client",
      paramLabel = "NAME",
      converter = TlsCommand.ClientConverter.class,
      description = "Renews that client's certificate too, or makes it. Repeatable.")
  private List<String> clients = List.of();

  @Option(
      names = "--days",
      paramLabel = "DAYS",
      converter = TlsCommand.DaysConverter.class,
      defaultValue = TlsCommand.DAYS,
      description = "How long the certificates last, ${DEFAULT-VALUE} days without this.")
  private int days;

  @Option(
      names = "--new-key",
      description = "Makes new keys too. Otherwise those that are there are kept.")
  private boolean newKey;

  TlsRenewCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    CaFolder folder = new CaFolder(output.toAbsolutePath().normalize());
    Instant now = terminal.clock().instant();
    PrivateCa authority = authority(folder, now);
    List<HostName> names = hosts.isEmpty() ? names(folder.server().certificate()) : hosts;
    X509Certificate server =
        renew(folder.server(), authority, key -> authority.server(names, key, now, days));
    say(folder.server(), server, authority);
    for (String client : clients) {
      CertificateFiles files = folder.client(client);
      say(
          files,
          renew(files, authority, key -> authority.client(client, key, now, days)),
          authority);
    }
    terminal.out().flush();
    return 0;
  }

  private static PrivateCa authority(CaFolder folder, Instant now) throws IOException {
    CertificateFiles files = folder.authority();
    if (!Files.exists(files.certificate())) {
      throw new IOException(
          files.certificate()
              + " does not exist: `weir tls init --host NAME` makes an authority,"
              + " --output says in which folder it is");
    }
    CertificateFiles.Content content = files.read();
    Optional<String> why = Certificates.whyNotValid(content.own(), now);
    if (why.isPresent()) {
      throw new IOException(
          "the authority in %s %s: `weir tls init --force` makes another, which nodes have to trust"
              .formatted(files.certificate(), why.get()));
    }
    return new PrivateCa(content.own(), content.key());
  }

  private static List<HostName> names(Path certificate) throws IOException {
    if (!Files.exists(certificate)) {
      throw new IOException(
          certificate + " does not exist: --host says for which names it is to be");
    }
    List<String> names = Certificates.names(PemFile.read(certificate).certificates().getFirst());
    if (names.isEmpty()) {
      throw new IOException(certificate + " is for no names: --host says for which it is to be");
    }
    return names.stream().map(HostName::parse).toList();
  }

  /** With the key that is there, so that the certificate alone changes, in one step. */
  private X509Certificate renew(
      CertificateFiles files, PrivateCa authority, Function<PublicKey, X509Certificate> issue)
      throws IOException {
    if (newKey || files.existing().isEmpty()) {
      CertificateFiles.Content fresh =
          TlsCommand.withNewKey(authority, key -> issue.apply(key.getPublic()));
      files.write(fresh);
      return fresh.own();
    }
    X509Certificate fresh = issue.apply(keyOf(files));
    files.writeCertificate(List.of(fresh, authority.certificate()));
    return fresh;
  }

  private static PublicKey keyOf(CertificateFiles files) throws IOException {
    try {
      return files.read().own().getPublicKey();
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; --new-key makes both anew", e);
    }
  }

  private void say(CertificateFiles files, X509Certificate fresh, PrivateCa authority) {
    Instant last = authority.certificate().getNotAfter().toInstant();
    boolean isCut = fresh.getNotAfter().toInstant().equals(last);
    terminal
        .out()
        .println(
            "%s ends %s%s"
                .formatted(
                    files.certificate(),
                    TlsCommand.end(fresh),
                    isCut ? ", with its authority: make another one in time" : ""));
  }
}
