package io.weir.upstream;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.oci.Repository;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A program of the configuration's that is asked for the credentials. */
final class ExecSource implements CredentialSource {

  private final Credentials.Exec exec;
  private final Helpers helpers;
  private volatile @Nullable KeptCredential last;

  ExecSource(Credentials.Exec exec, Helpers helpers) {
    this.exec = exec;
    this.helpers = helpers;
  }

  @Override
  public Credential find(Endpoint endpoint, @Nullable Repository repository, Deadline deadline) {
    return kept(endpoint).get(deadline);
  }

  @Override
  public boolean renew(
      Endpoint endpoint, @Nullable Repository repository, Credential refused, Deadline deadline) {
    return kept(endpoint).renew(refused, deadline);
  }

  private KeptCredential kept(Endpoint endpoint) {
    KeptCredential kept = helpers.required(exec.command(), endpoint, exec.refresh());
    last = kept;
    return kept;
  }

  @Override
  public Optional<CredentialStatus> status() {
    String source = "exec " + exec.program();
    KeptCredential kept = last;
    return Optional.of(kept == null ? CredentialStatus.unused(source) : kept.status(source));
  }
}
