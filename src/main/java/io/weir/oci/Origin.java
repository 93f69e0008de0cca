package io.weir.oci;

/**
 * A repository at an upstream, such as {@code docker.io/library/nginx}: where content comes from,
 * and the unit that decides who may read what. However a request spelled it, one origin has one
 * cached copy.
 *
 * @param upstream the upstream's configured name
 * @param repository the repository there
 */
public record Origin(String upstream, Repository repository) {

  @Override
  public String toString() {
    return upstream + '/' + repository;
  }
}
