import io.weir.testing.BigStore;
import java.io.IOException;
import java.nio.file.Path;

/** Fills the folder of a store with many small images: its path, and how many. */
final class Fill {

  private Fill() {}

  public static void main(String[] arguments) throws IOException {
    BigStore.fill(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
  }
}
