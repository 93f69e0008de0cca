package io.weir.clients;

/**
 * A file as a client is to have it.
 *
 * @param path where it goes: absolute on a node; relative for what is not kept on one, such as the
 *     input of {@code oc apply}
 * @param mode its permissions, such as {@code 0644}
 * @param text its content, with a line end at the end
 */
public record ClientFile(String path, int mode, String text) {

  private static final int READABLE_BY_ALL = 0644;

  /** A file that everybody may read, since no file here holds a secret. */
  static ClientFile of(String path, String text) {
    return new ClientFile(path, READABLE_BY_ALL, text);
  }
}
