package io.weir.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native library. The driver copies it out of its jar into a file and loads that; the file
 * goes at an orderly exit only, so each killed process would leave a megabyte behind. Here it goes
 * as soon as it is loaded: Linux keeps it until the process ends.
 *
 * <p>It is also copied here, where the driver knows a library for this processor and the usual C
 * library: to find out which system it is on, the driver runs a program, and it unpacks the library
 * twice. Where that one cannot be loaded, the driver goes its own way.
 */
final class SqliteLibrary {

  /** Where the driver looks for the library first. */
  private static final String READY_FOLDER = "org.sqlite.lib.path";

  /** Where the driver copies the library to. */
  private static final String COPY_FOLDER = "org.sqlite.tmpdir";

  private static final Map<String, String> PROCESSORS =
      Map.of("amd64", "x86_64", "aarch64", "aarch64");

  private static boolean isLoaded;

  private SqliteLibrary() {}

  /**
   * Loads the library, unless this process has it already. Blocks. May be tried again.
   *
   * @throws IOException where the folder of temporary files takes no file, or forbids to run it
   */
  static synchronized void load() throws IOException {
    if (isLoaded) {
      return;
    }
    String before = System.getProperty(COPY_FOLDER);
    String parent = before == null ? System.getProperty("java.io.tmpdir") : before;
    Path folder = Files.createTempDirectory(Path.of(parent), "weir-sqlite-");
    try {
      copy(folder);
      System.setProperty(READY_FOLDER, folder.toString());
      System.setProperty(COPY_FOLDER, folder.toString());
      isLoaded = SQLiteJDBCLoader.initialize();
    } catch (Exception e) {
      throw new IOException("SQLite's library cannot be loaded: " + e.getMessage(), e);
    } finally {
      System.clearProperty(READY_FOLDER);
      if (before == null) {
        System.clearProperty(COPY_FOLDER);
      } else {
        System.setProperty(COPY_FOLDER, before);
      }
      remove(folder);
    }
  }

  private static void copy(Path folder) throws IOException {
    String processor = PROCESSORS.getOrDefault(System.getProperty("os.arch"), "unknown");
    String name = System.mapLibraryName("sqlitejdbc");
    try (InputStream library =
        SQLiteJDBCLoader.class.getResourceAsStream("native/Linux/" + processor + '/' + name)) {
      if (library != null) {
        Files.copy(library, folder.resolve(name));
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
