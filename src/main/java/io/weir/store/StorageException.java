package io.weir.store;

/** The disk does not give back what it took. The message is public; the cause has the detail. */
public final class StorageException extends RuntimeException {

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
