package io.weir;

/** The version of this build, from the jar's manifest. */
public final class Version {

  private Version() {}

  /** Such as {@code 0.1.0}; {@code dev} where it runs from class files. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
