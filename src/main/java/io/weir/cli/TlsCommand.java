package io.weir.cli;

import io.weir.tls.CertificateFiles;
import io.weir.tls.HostName;
import io.weir.tls.PrivateCa;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code weir tls}: only what its subcommands do. */
@Command(
    name = "tls",
    description = "Makes and renews the certificates of a private certificate authority.",
    synopsisSubcommandLabel = "COMMAND")
final class TlsCommand {

  /** How long a certificate lasts where nobody says: a year, and a month to renew it in. */
  static final String DAYS = "397";

  /** {@code --host}. */
  static final class HostConverter implements ITypeConverter<HostName> {
    @Override
    public HostName convert(String text) {
      try {
        return HostName.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** {@code --client}: also part of a file's name. */
  static final class ClientConverter implements ITypeConverter<String> {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    @Override
    public String convert(String text) {
      if (!NAME.matcher(text).matches()) {
        throw new TypeConversionException(
            "expected letters, digits and . _ -, 64 at most (got '" + text + "')");
      }
      return text;
    }
  }

  /** {@code --days}. */
  static final class DaysConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int days = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
      if (days < 1 || days > PrivateCa.DAYS_MAX) {
        throw new TypeConversionException(
            "expected 1 to %d, more than which not all clients take (got '%s')"
                .formatted(PrivateCa.DAYS_MAX, text));
      }
      return days;
    }
  }

  /** What is issued for a new key. */
  interface Issue {
    X509Certificate certificate(KeyPair key);
  }

  /** A new key, and its certificate before that of its authority. */
  static CertificateFiles.Content withNewKey(PrivateCa authority, Issue issue) {
    KeyPair pair = PrivateCa.newKey();
    return new CertificateFiles.Content(
        List.of(issue.certificate(pair), authority.certificate()), pair.getPrivate());
  }

  /** The day on which a certificate ends, in UTC. */
  static String end(X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    return end.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }
}
