package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {

  @TempDir Path folder;

  @Test
  void theNamedFileComesFirst() throws IOException {
    write("named.yaml", 1);
    write("variable.yaml", 2);
    write("weir.yaml", 3);

    assertThat(port(Map.of("WEIR_CONFIG", "variable.yaml"), Optional.of(Path.of("named.yaml"))))
        .isEqualTo(1);
  }

  @Test
  void theVariableComesBeforeTheWorkingDirectory() throws IOException {
    write("variable.yaml", 2);
    write("weir.yaml", 3);

    assertThat(port(Map.of("WEIR_CONFIG", "variable.yaml"), Optional.empty())).isEqualTo(2);
  }

  @Test
  void aFileInTheWorkingDirectoryIsFound() throws IOException {
    write("weir.yaml", 3);

    assertThat(port(Map.of("WEIR_CONFIG", ""), Optional.empty())).isEqualTo(3);
  }

  @Test
  void theFileIsReportedAsTheUserNamedIt() throws IOException {
    Files.writeString(folder.resolve("bad.yaml"), "a: 1");

    assertThatThrownBy(() -> load(Map.of(), Optional.of(Path.of("bad.yaml"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("bad.yaml:1: a: unknown key");
  }

  @Test
  void pathsAreRelativeToTheFile() throws IOException {
    Files.createDirectory(folder.resolve("etc"));
    Files.writeString(folder.resolve("etc/w.yaml"), "store: {path: data}");

    assertThat(load(Map.of(), Optional.of(Path.of("etc/w.yaml"))).config().store().path())
        .isEqualTo(folder.resolve("etc/data"));
  }

  @Test
  void aNamedFileThatIsNotThereIsAProblem() {
    assertThatThrownBy(() -> load(Map.of("WEIR_CONFIG", "gone.yaml"), Optional.empty()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("gone.yaml: no such file");
  }

  @Test
  void aFileThatIsNoTextIsAProblem() throws IOException {
    Files.write(folder.resolve("weir.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatThrownBy(() -> load(Map.of(), Optional.empty()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("weir.yaml: not UTF-8");
  }

  @Test
  void aFolderIsAProblem() throws IOException {
    Files.createDirectory(folder.resolve("weir.yaml"));

    assertThatThrownBy(() -> load(Map.of(), Optional.empty()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("weir.yaml: cannot be read: ");
  }

  private void write(String name, int port) throws IOException {
    Files.writeString(folder.resolve(name), "admin: {listen: ':" + port + "'}");
  }

  private int port(Map<String, String> environment, Optional<Path> named) {
    return load(environment, named).config().admin().listen().port();
  }

  private ConfigLoader.Loaded load(Map<String, String> environment, Optional<Path> named) {
    Surroundings surroundings = new Surroundings(environment, folder, folder, false);
    return new ConfigLoader(surroundings).load(named, Overrides.NONE);
  }
}
