package io.weir.store;

/** The disk did not take what was to be kept. The message is public; the cause has the detail. */
public final class StorageException extends RuntimeException {

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
