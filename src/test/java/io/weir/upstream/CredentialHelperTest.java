package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.upstream.Credential.IdentityToken;
import io.weir.upstream.Credential.Login;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CredentialHelperTest {

  private static final String NAME = "docker-credential-test";

  @TempDir Path folder;

  private HelperProgram program() {
    return new HelperProgram(folder, NAME);
  }

  private CredentialHelper helper(Duration limit, String... arguments) {
    List<String> command = new ArrayList<>(List.of(NAME));
    command.addAll(List.of(arguments));
    Map<String, String> environment =
        Map.of("PATH", "/nowhere:" + folder + ":/usr/bin:/bin", "FROM_OUTSIDE", "seen");
    return new CredentialHelper(command, environment, limit);
  }

  private HelperException failure(String script) {
    program().does(script);
    return failure(Duration.ofSeconds(30));
  }

  private HelperException failure(Duration limit) {
    return catchThrowableOfType(HelperException.class, () -> helper(limit, "get").get("quay.io"));
  }

  @Test
  void itIsGivenTheRegistryAndNoLineEnd() throws Exception {
    program().does("printf %s \"$asked\" | wc -c >'" + folder + "/length'\n" + answer("me", "pw"));
    assertThat(helper(CredentialHelper.LIMIT, "get").get("quay.io"))
        .isEqualTo(new Login("me", "pw"));
    assertThat(program().asked()).containsExactly("quay.io");
    assertThat(Files.readString(folder.resolve("length")).strip()).isEqualTo("7");
  }

  private static String answer(String username, String secret) {
    return "echo '{\"Username\":\"" + username + "\",\"Secret\":\"" + secret + "\"}'";
  }

  @Test
  void theNameOfATokenMeansARefreshToken() throws Exception {
    program().gives("<token>", "refresh");
    assertThat(helper(CredentialHelper.LIMIT, "get").get("x"))
        .isEqualTo(new IdentityToken("<token>", "refresh"));
  }

  /** Nothing of its arguments is for a shell. */
  @Test
  void itGetsItsArgumentsAndTheEnvironmentAsTheyAre() throws Exception {
    program()
        .does("printf '{\"Username\":\"%s\",\"Secret\":\"%s\"}' \"$FROM_OUTSIDE$HOME\" \"$1$2$3\"");
    assertThat(helper(CredentialHelper.LIMIT, "$HOME", "; exit 1", "get").get("x"))
        .isEqualTo(new Login("seen", "$HOME; exit 1get"));
  }

  @Test
  void whoItDoesNotKnowIsNobody() throws Exception {
    program().does("echo 'credentials not found in native keychain'; exit 1");
    assertThat(helper(CredentialHelper.LIMIT, "get").get("x")).isEqualTo(Credential.ANONYMOUS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo no JSON|docker-credential-test printed no JSON",
        "true|docker-credential-test printed no Username and Secret",
        "echo '{\"Username\":\"me\"}'|docker-credential-test printed no Username and Secret",
        "echo '[]'|docker-credential-test printed no Username and Secret",
        "exit 3|docker-credential-test ended with status 3",
        "kill -9 $$|docker-credential-test ended with status 137",
      })
  void whatIsNoAnswerIsAFailure(String script, String message) {
    assertThat(failure(script)).hasMessage(message);
  }

  @Test
  void whyItFailedIsOneLineWithoutAnythingLikeASecret() {
    assertThat(
            failure("echo 'NoCredentialProviders: no valid providers in chain' >&2; exit 1").said())
        .isEqualTo("NoCredentialProviders: no valid providers in chain");
    assertThat(failure("echo 'on stdout, as Docker has it'; exit 1").said())
        .isEqualTo("on stdout, as Docker has it");
    assertThat(failure("printf 'a\\033[31m\\tb\\nsecond line' >&2; exit 1").said())
        .isEqualTo("a [31m b");
    assertThat(failure("echo '+ PASSWORD=hunter2 login' >&2; exit 1").said())
        .isEqualTo("+ PASSWORD=***");
    assertThat(failure("echo 'bad AKIA0123456789ABCDEF there' >&2; exit 1").said())
        .isEqualTo("bad *** there");
    assertThat(failure("echo '{\"Secret\":\"x\"}'; echo x >&2; exit 1").said()).isEmpty();
    assertThat(failure("head -c 5000 /dev/zero | tr '\\0' 'a b' >&2; exit 1").said())
        .hasSizeLessThan(200);
  }

  @Test
  void whatItPrintsIsBounded() {
    assertThat(failure("head -c 70000 /dev/zero")).hasMessage(NAME + " printed more than 64 KiB");
    assertThat(failure("cat /dev/zero >&2 & echo '{}'; kill $!"))
        .hasMessage(NAME + " printed no Username and Secret");
  }

  @Test
  void whatIsNotThereIsSaidSo() throws Exception {
    assertThat(failure(CredentialHelper.LIMIT)).hasMessage(NAME + " is not in PATH");
    Files.createFile(folder.resolve(NAME));
    assertThat(failure(CredentialHelper.LIMIT)).hasMessage(NAME + " is not in PATH");
    CredentialHelper absent =
        new CredentialHelper(List.of(folder + "/absent", "get"), Map.of(), CredentialHelper.LIMIT);
    assertThat(catchThrowableOfType(HelperException.class, () -> absent.get("x")))
        .hasMessage("absent cannot be started");
  }

  /** Neither the program nor what it has started lives on. */
  @Test
  void whatTakesTooLongIsKilled() throws Exception {
    program()
        .does("echo $$ >'" + folder + "/pid'; sleep 1000 & echo $! >>'" + folder + "/pid'; wait");
    Instant start = Instant.now();
    assertThat(failure(Duration.ofSeconds(2))).hasMessage(NAME + " did not answer within 2 s");
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(30));
    for (String pid : Files.readAllLines(folder.resolve("pid"))) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(process -> process.onExit().join());
    }
  }

  /** As a daemon does that a helper starts by the way. */
  @Test
  void aChildThatKeepsThePipeOpenHoldsUpNobody() throws Exception {
    program().does("sleep 1000 & echo $! >'" + folder + "/pid'; " + answer("me", "pw"));
    assertThat(helper(CredentialHelper.LIMIT, "get").get("x")).isEqualTo(new Login("me", "pw"));
    long child = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
  }
}
