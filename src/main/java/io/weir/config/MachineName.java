package io.weir.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this machine is called, for those who are to find it. */
public final class MachineName {

  private MachineName() {}

  /** Its name as the system knows it. May ask a name server. */
  public static String current() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "localhost";
    }
  }
}
