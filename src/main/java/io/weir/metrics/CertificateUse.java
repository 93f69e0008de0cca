package io.weir.metrics;

/** What certificates of the configuration are for, as metrics name it. */
public enum CertificateUse {
  /** Clients are shown it. */
  SERVER("server"),
  /** It signs the certificates of clients. */
  CLIENT_CA("client-ca");

  private final String label;

  CertificateUse(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
