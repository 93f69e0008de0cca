package io.weir.clients;

import java.util.List;

/**
 * All that one runtime needs to be told.
 *
 * @param files in the order in which a reader wants them
 * @param notes what to know beside the files, a sentence each
 */
public record ClientConfig(List<ClientFile> files, List<String> notes) {

  public ClientConfig {
    files = List.copyOf(files);
    notes = List.copyOf(notes);
  }
}
