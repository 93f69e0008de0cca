package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TargetTest {

  private final Target base = Target.parse("https://registry.example/v2/a/manifests/1?x=y");

  @Test
  void partsOfAUrlAreTaken() {
    assertThat(Target.parse("HTTPS://Quay.IO/a/b?c=d#e"))
        .isEqualTo(new Target(true, "quay.io", 443, "/a/b?c=d"));
    assertThat(Target.parse("http://[::1]:5000")).isEqualTo(new Target(false, "::1", 5000, "/"));
    assertThat(Target.parse("http://host?q")).isEqualTo(new Target(false, "host", 80, "/?q"));
    assertThat(Target.parse("http://user:secret@host/x"))
        .isEqualTo(new Target(false, "host", 80, "/x"));
  }

  @Test
  void whatIsNoHttpUrlIsRefused() {
    for (String url : new String[] {"ftp://a/b", "//a/b", "a", "", "https://", "http://a:0/"}) {
      assertThatThrownBy(() -> Target.parse(url)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Target.parse("http://a:99999/"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> base.resolve("file:///etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void referencesAreResolved() {
    assertThat(base.resolve("https://cdn.example/x").toString()).isEqualTo("https://cdn.example/x");
    assertThat(base.resolve("//cdn.example:8443/x").hostAndPort()).isEqualTo("cdn.example:8443");
    assertThat(base.resolve("/token").toString()).isEqualTo("https://registry.example/token");
    assertThat(base.resolve("2").path()).isEqualTo("/v2/a/manifests/2");
    assertThat(base.resolve("?n=5").pathAndQuery()).isEqualTo("/v2/a/manifests/1?n=5");
  }

  @Test
  void aSignedQueryIsKeptToTheByte() {
    String signed = "/b/sha256:ab?X-Sig=a%2Fb%2fc+d%20e&X=~!*'();:@$,[]|\"{}^`\\&e=";
    assertThat(base.resolve("https://s3.example" + signed).pathAndQuery()).isEqualTo(signed);
  }

  @Test
  void onlyWhatCannotStandInARequestLineIsEncoded() {
    assertThat(base.resolve("/a b\tc\u00e9?q=\u0001").pathAndQuery())
        .isEqualTo("/a%20b%09c%E9?q=%01");
  }

  @Test
  void theTextFormHasNoQuery() {
    assertThat(base.resolve("https://s3.example:9000/b?X-Sig=secret").toString())
        .isEqualTo("https://s3.example:9000/b");
  }
}
