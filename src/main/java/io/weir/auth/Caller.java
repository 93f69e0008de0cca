package io.weir.auth;

import io.weir.oci.Origin;

/**
 * Who asks.
 *
 * @param user the name, of a user who has proved it; empty for a client that did not say
 * @param rights what may be pulled
 */
public record Caller(String user, Rights rights) {

  /** Everybody, where nobody is asked. */
  public static final Caller ANYBODY = new Caller("", Rights.ALL);

  public boolean isAnonymous() {
    return user.isEmpty();
  }

  public boolean mayPull(Origin origin) {
    return rights.mayPull(origin);
  }
}
