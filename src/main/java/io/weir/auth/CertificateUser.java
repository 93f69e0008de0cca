package io.weir.auth;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** The user whom a client's certificate names. */
public final class CertificateUser {

  /** rfc822Name, dNSName and uniformResourceIdentifier: RFC 5280, section 4.2.1.6. */
  private static final Set<Object> NAMES = Set.of(1, 2, 6);

  private CertificateUser() {}

  /**
   * The common name of the subject; where there is none, the first of the alternative names that is
   * a host, an e-mail address or a URI; where there is none either, null.
   */
  public static @Nullable String of(X509Certificate certificate) {
    String commonName = commonName(certificate.getSubjectX500Principal().getName());
    return commonName != null ? commonName : alternativeName(certificate);
  }

  /** The most special one, which is the first as one writes the name. */
  private static @Nullable String commonName(String subject) {
    try {
      List<Rdn> parts = new LdapName(subject).getRdns().reversed();
      for (Rdn part : parts) {
        Attribute name = part.toAttributes().get("CN");
        if (name != null && name.get() instanceof String text && !text.isBlank()) {
          return text;
        }
      }
      return null;
    } catch (InvalidNameException e) {
      return null; // such as one of the old days, whose certificate is verified all the same
    } catch (NamingException e) {
      throw new IllegalStateException(e); // a name of one part is no service that could fail
    }
  }

  private static @Nullable String alternativeName(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> typeAndName : names == null ? List.<List<?>>of() : names) {
        boolean isName = NAMES.contains(typeAndName.getFirst());
        if (isName && typeAndName.get(1) instanceof String text && !text.isBlank()) {
          return text;
        }
      }
      return null;
    } catch (CertificateParsingException e) {
      return null;
    }
  }
}
