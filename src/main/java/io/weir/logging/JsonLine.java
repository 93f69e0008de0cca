package io.weir.logging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * One line of JSON while it is written: an object of texts, numbers and truths. A generator of
 * Jackson's can do all that JSON can; this costs less, and there are tens of thousands of lines a
 * second. For one thread; used again and again.
 */
final class JsonLine {

  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  /** What a character takes at most: a control character becomes six of ASCII. */
  private static final int BYTES_PER_CHAR_MAX = 6;

  private static final int NUMBER_BYTES_MAX = 20;

  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};

  private byte[] bytes = new byte[1024];
  private int length;

  /** The name of a member with all that stands around it. */
  static byte[] name(String name) {
    return ("\"" + name + "\":").getBytes(US_ASCII);
  }

  /** Begins a line. */
  JsonLine begin() {
    length = 0;
    add('{');
    return this;
  }

  /** Adds a member that is a text. */
  JsonLine text(byte[] name, String value) {
    member(name, BYTES_PER_CHAR_MAX * value.length() + 2);
    add('"');
    if (!addPlain(value)) {
      addAll(ENCODER.quoteAsUTF8(sound(value)));
    }
    add('"');
    return this;
  }

  /** Adds a text in which nothing has to be escaped; any other is left to the caller. */
  private boolean addPlain(String value) {
    byte[] line = bytes;
    int at = length;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
      line[at + i] = (byte) c;
    }
    length = at + value.length();
    return true;
  }

  /** Without halves of characters, at which the encoder would throw. */
  private static String sound(String text) {
    return new String(text.getBytes(UTF_8), UTF_8);
  }

  /** Adds a member that is a number, 0 or above. */
  JsonLine number(byte[] name, long value) {
    member(name, NUMBER_BYTES_MAX);
    digits(value, 1);
    return this;
  }

  /** Adds a member that is a number of seconds, to the microsecond. */
  JsonLine seconds(byte[] name, double value) {
    member(name, 2 * NUMBER_BYTES_MAX);
    long micros = Math.round(value * 1e6);
    digits(micros / 1_000_000, 1);
    add('.');
    digits(micros % 1_000_000, 6);
    return this;
  }

  /** Adds a member that is true or false. */
  JsonLine truth(byte[] name, boolean value) {
    member(name, NUMBER_BYTES_MAX);
    addAll(value ? TRUE : FALSE);
    return this;
  }

  /** The members that were added, to be added {@linkplain #all as they are} to others. */
  byte[] members() {
    return Arrays.copyOfRange(bytes, 1, length);
  }

  /** Adds the members of another. */
  JsonLine all(byte[] members) {
    member(members, 0);
    return this;
  }

  /** Ends it. */
  void endIn(Lines lines) {
    reserve(2);
    add('}');
    add('\n');
    lines.add(bytes, length);
  }

  private void member(byte[] name, int valueBytesMax) {
    reserve(1 + name.length + valueBytesMax);
    if (length > 1) {
      add(',');
    }
    addAll(name);
  }

  private void reserve(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
  }

  private void digits(long value, int countMin) {
    int count = 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      count++;
    }
    count = Math.max(count, countMin);
    long rest = value;
    for (int i = length + count - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
  }

  private void add(char c) {
    bytes[length] = (byte) c;
    length++;
  }

  private void addAll(byte[] some) {
    System.arraycopy(some, 0, bytes, length, some.length);
    length += some.length;
  }
}
