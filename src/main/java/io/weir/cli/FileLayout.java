package io.weir.cli;

import io.weir.clients.ClientFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Files below a folder that stands for the root of a node. */
final class FileLayout {

  private static final String ALL_RIGHTS = "rwxrwxrwx";

  private final Path folder;

  FileLayout(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the files, with the folders above. All or, where a file is there that says something
   * else, none.
   *
   * @param force whether files that say something else are replaced
   * @return where they are now
   */
  List<Path> write(List<ClientFile> files, boolean force) throws IOException {
    for (ClientFile file : files) {
      if (!force) {
        refuseToReplace(file);
      }
    }
    List<Path> written = new ArrayList<>();
    for (ClientFile file : files) {
      Path path = path(file);
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, file.text());
      if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(path, permissions(file.mode()));
      }
      written.add(path);
    }
    return written;
  }

  private void refuseToReplace(ClientFile file) throws IOException {
    Path path = path(file);
    if (Files.exists(path) && !Files.readString(path).equals(file.text())) {
      throw new FileSystemException(
          path.toString(),
          null,
          "says something else already; merge them by hand, or give --force to replace it");
    }
  }

  private Path path(ClientFile file) {
    return folder.resolve(file.path().replaceFirst("^/+", ""));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < ALL_RIGHTS.length(); bit++) {
      boolean has = (mode << bit & 0400) != 0;
      text.append(has ? ALL_RIGHTS.charAt(bit) : '-');
    }
    return PosixFilePermissions.fromString(text.toString());
  }
}
