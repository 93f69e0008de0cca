package io.weir.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What an Authorization header is remembered by: the first half of its HMAC-SHA256. Without the
 * key, which is random and dies with the process, it says nothing of the header, and nobody can
 * choose one that collides.
 */
record Fingerprint(long high, long low) {

  /** Makes fingerprints with one key. Thread-safe. */
  static final class Maker {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final ThreadLocal<Mac> macs = ThreadLocal.withInitial(this::mac);

    Maker() {
      byte[] random = new byte[32];
      new SecureRandom().nextBytes(random);
      this.key = new SecretKeySpec(random, ALGORITHM);
    }

    private Mac mac() {
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        return mac;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e); // every JDK has it
      }
    }

    /** The fingerprint of a header's value. */
    Fingerprint of(String header) {
      byte[] hash = macs.get().doFinal(header.getBytes(StandardCharsets.UTF_8));
      ByteBuffer buffer = ByteBuffer.wrap(hash);
      return new Fingerprint(buffer.getLong(), buffer.getLong());
    }
  }
}
