package io.weir.upstream;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A range of IP addresses, such as {@code 10.0.0.0/8}.
 *
 * @param bits how many leading bits of {@code address} count
 */
record Network(InetAddress address, int bits) {

  /** Parses {@code address/bits}; empty where it is not that. */
  static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress address = InetAddress.ofLiteral(text.substring(0, slash));
      int bits = Integer.parseInt(text.substring(slash + 1));
      boolean isValid = bits >= 0 && bits <= 8 * address.getAddress().length;
      return isValid ? Optional.of(new Network(address, bits)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether {@code host} is an address literal of this range; a name is not looked up. */
  boolean contains(String host) {
    byte[] candidate;
    try {
      candidate = InetAddress.ofLiteral(host).getAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
    byte[] network = address.getAddress();
    if (candidate.length != network.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if (((candidate[bit / 8] ^ network[bit / 8]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
