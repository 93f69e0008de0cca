package io.weir.upstream;

import io.weir.oci.Repository;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server is nobody at this upstream. */
record NoCredentials() implements CredentialSource {

  @Override
  public boolean isConfigured() {
    return false;
  }

  @Override
  public Credential find(Endpoint endpoint, @Nullable Repository repository, Deadline deadline) {
    return Credential.ANONYMOUS;
  }

  @Override
  public boolean renew(
      Endpoint endpoint, @Nullable Repository repository, Credential refused, Deadline deadline) {
    return false;
  }

  @Override
  public Optional<CredentialStatus> status() {
    return Optional.empty();
  }
}
