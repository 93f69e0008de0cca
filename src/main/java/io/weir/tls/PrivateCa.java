package io.weir.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority of the user's own, for the few certificates of one cache. Its own lasts
 * ten years, and may sign no other authority's.
 *
 * @param certificate that nodes trust
 * @param key that signs
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2">RFC 5280</a>
 */
public record PrivateCa(X509Certificate certificate, PrivateKey key) {

  /**
   * What browsers and Apple's clients take at most, and what makes sure that renewal is practised.
   */
  public static final int DAYS_MAX = 398;

  private static final int YEARS = 10;

  /** Nodes' clocks are behind. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  /** X.520's ub-common-name. */
  private static final int COMMON_NAME_MAX = 64;

  /** A new one, with a new key. */
  public static PrivateCa create(Instant now) {
    KeyPair pair = newKey();
    // Two authorities of the same name would be mistaken for each other where both are trusted.
    X500Name name = name("Weir private CA " + HexFormat.of().formatHex(random(4)));
    Instant end = now.atOffset(ZoneOffset.UTC).plusYears(YEARS).toInstant();
    try {
      X509v3CertificateBuilder builder =
          builder(name, name, pair.getPublic(), now, end)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return new PrivateCa(signed(builder, pair.getPrivate()), pair.getPrivate());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is read or written
    }
  }

  /** A key as all certificates of this authority have one: ECDSA by P-256. */
  public static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /**
   * A certificate for a server.
   *
   * @param names one at least; the first is also its subject
   * @param days how long it lasts; it ends with the authority at the latest
   */
  public X509Certificate server(List<HostName> names, PublicKey key, Instant now, int days) {
    GeneralName[] alternatives =
        names.stream()
            .map(name ->
                new GeneralName(
                    name.isAddress() ? GeneralName.iPAddress : GeneralName.dNSName, name.text()))
            .toArray(GeneralName[]::new);
    String first = names.getFirst().text();
    return leaf(
        first.length() > COMMON_NAME_MAX ? "weir" : first,
        key,
        now,
        days,
        KeyPurposeId.id_kp_serverAuth,
        new GeneralNames(alternatives));
  }

  /**
   * A certificate for a client.
   *
   * @param name who it is, 64 characters at most
   * @param days how long it lasts; it ends with the authority at the latest
   */
  public X509Certificate client(String name, PublicKey key, Instant now, int days) {
    return leaf(name, key, now, days, KeyPurposeId.id_kp_clientAuth, null);
  }

  private X509Certificate leaf(
      String subject,
      PublicKey key,
      Instant now,
      int days,
      KeyPurposeId purpose,
      @Nullable GeneralNames alternatives) {
    Instant authorityEnd = certificate.getNotAfter().toInstant();
    // The second in which it ends belongs to its life.
    Instant asked = now.minus(BACKDATED).plus(days, ChronoUnit.DAYS).minusSeconds(1);
    Instant end = asked.isBefore(authorityEnd) ? asked : authorityEnd;
    try {
      X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
      X509v3CertificateBuilder builder =
          builder(issuer, name(subject), key, now, end)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  new JcaX509ExtensionUtils()
                      .createAuthorityKeyIdentifier(certificate.getPublicKey()));
      if (alternatives != null) {
        builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
      }
      return signed(builder, this.key);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e); // what is encoded here is well-formed
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end)
      throws IOException {
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              issuer,
              new BigInteger(1, random(16)),
              Date.from(now.minus(BACKDATED)),
              Date.from(end),
              subject,
              SubjectPublicKeyInfo.getInstance(key.getEncoded()));
      return builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has SHA-1, which it takes for identifiers
    }
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey by) {
    String algorithm = by.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(by)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e); // the key has signed for belongTogether
    }
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** Who it is; never the key. */
  @Override
  public String toString() {
    return certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
  }
}
