package io.weir.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native library. The driver copies it out of its jar into a file and loads that; the file
 * goes at an orderly exit only, so each killed process would leave a megabyte behind. Here it goes
 * as soon as it is loaded: Linux keeps it until the process ends.
 */
final class SqliteLibrary {

  private static final String FOLDER = "org.sqlite.tmpdir";

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
    String before = System.getProperty(FOLDER);
    String parent = before == null ? System.getProperty("java.io.tmpdir") : before;
    Path folder = Files.createTempDirectory(Path.of(parent), "weir-sqlite-");
    try {
      System.setProperty(FOLDER, folder.toString());
      isLoaded = SQLiteJDBCLoader.initialize();
    } catch (Exception e) {
      throw new IOException("SQLite's library cannot be loaded: " + e.getMessage(), e);
    } finally {
      if (before == null) {
        System.clearProperty(FOLDER);
      } else {
        System.setProperty(FOLDER, before);
      }
      remove(folder);
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
