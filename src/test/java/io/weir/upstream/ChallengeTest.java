package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.upstream.Challenge.Scheme;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChallengeTest {

  private static Challenge parse(String... lines) {
    return Challenge.parse(List.of(lines));
  }

  @Test
  void realmServiceAndScopeAreRead() {
    assertThat(
            parse(
                "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                    + "scope=\"repository:library/nginx:pull\""))
        .isEqualTo(
            new Challenge(
                Scheme.BEARER,
                "https://auth.docker.io/token",
                "registry.docker.io",
                "repository:library/nginx:pull"));
  }

  @Test
  void bearerIsPreferredWhereverItStands() {
    Challenge bearer = new Challenge(Scheme.BEARER, "https://a/t", null, null);
    assertThat(parse("Basic realm=\"x\"", "Bearer realm=\"https://a/t\"")).isEqualTo(bearer);
    assertThat(parse("Basic realm=\"x, y\", Bearer realm=\"https://a/t\"")).isEqualTo(bearer);
    assertThat(parse("Bearer realm=\"https://a/t\", Basic realm=\"x\"")).isEqualTo(bearer);
    assertThat(parse("Negotiate, Basic realm=\"x\"").scheme()).isEqualTo(Scheme.BASIC);
  }

  @Test
  void valuesMayBeWithoutQuotesInAnyCaseAndWithSpaces() {
    assertThat(parse("BEARER Realm = \"https://gcr.io/v2/token\" ,SERVICE=gcr.io"))
        .isEqualTo(new Challenge(Scheme.BEARER, "https://gcr.io/v2/token", "gcr.io", null));
  }

  @Test
  void anEscapedQuoteDoesNotEndAValue() {
    assertThat(parse("Bearer service=\"a \\\"b\\\", c\",realm=\"https://a/t\"").service())
        .isEqualTo("a \"b\", c");
  }

  @Test
  void whatCannotBeAnsweredIsNoChallenge() {
    assertThat(parse()).isEqualTo(Challenge.NONE);
    assertThat(parse("Bearer realm=\"\",service=\"x\"")).isEqualTo(Challenge.NONE);
    assertThat(parse("Digest realm=\"x\", nonce=\"y\"", "", "===", "\"")).isEqualTo(Challenge.NONE);
  }

  @Test
  void theScopeIsTheRepositoryOfTheRequestUnlessTheChallengeHasOneOfItsOwnKind() {
    Challenge placeholder =
        parse("Bearer realm=\"https://ghcr.io/token\",scope=\"repository:user/image:pull\"");
    assertThat(placeholder.scopeFor("org/app")).isEqualTo("repository:org/app:pull");
    Challenge verbatim = parse("Bearer realm=\"https://public.ecr.aws/token/\",scope=\"aws\"");
    assertThat(verbatim.scopeFor("org/app")).isEqualTo("aws");
    Challenge none = parse("Bearer realm=\"https://a/t\"");
    assertThat(none.scopeFor("org/app")).isEqualTo("repository:org/app:pull");
    assertThat(none.scopeFor(null)).isNull();
  }
}
