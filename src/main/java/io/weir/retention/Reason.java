package io.weir.retention;

/** Why an image leaves. */
public enum Reason {
  /** It was not pulled for longer than {@code retention.ttl}. */
  TTL("ttl"),
  /** Its upstream has reached its own {@code retention.max-size}. */
  UPSTREAM_SIZE("upstream-size"),
  /** The store has reached {@code store.max-size}. */
  SIZE("size"),
  /** The file system has less room than {@code store.min-free}. */
  FREE("free"),
  /** Somebody asked for it. */
  MANUAL("manual");

  private final String label;

  Reason(String label) {
    this.label = label;
  }

  /** As metrics and answers name it. */
  public String label() {
    return label;
  }
}
