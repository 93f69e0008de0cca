package io.weir.config;

/** An amount of storage: so many bytes, or a part of what there is. */
public sealed interface Size {

  /**
   * The amount in bytes.
   *
   * @param capacityBytes what there is, 0 or more
   */
  long of(long capacityBytes);

  /**
   * Parses a number of bytes, alone or with a unit of Kubernetes' quantities ({@code 10Gi} is
   * 10·1024³, {@code 10G} is 10·1000³), or a part from {@code 0%} to {@code 100%}.
   *
   * @throws IllegalArgumentException where the text is none of these
   * @see <a
   *     href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/">Kubernetes,
   *     Quantity</a>
   */
  static Size parse(String text) {
    return Sizes.parse(text);
  }

  /**
   * So many bytes, whatever there is.
   *
   * @param bytes 0 or more
   */
  record Bytes(long bytes) implements Size {

    public Bytes {
      if (bytes < 0) {
        throw new IllegalArgumentException("a negative size: " + bytes);
      }
    }

    @Override
    public long of(long capacityBytes) {
      return bytes;
    }

    @Override
    public String toString() {
      return Sizes.print(bytes);
    }
  }

  /**
   * A part of what there is.
   *
   * @param percent 0 to 100
   */
  record Percent(int percent) implements Size {

    public Percent {
      if (percent < 0 || percent > 100) {
        throw new Expected("a part from 0% to 100%");
      }
    }

    /** {@inheritDoc} Rounded down. */
    @Override
    public long of(long capacityBytes) {
      return capacityBytes / 100 * percent + capacityBytes % 100 * percent / 100;
    }

    @Override
    public String toString() {
      return percent + "%";
    }
  }
}
