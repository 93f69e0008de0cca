package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PermitsTest {

  private static final Duration NOT_LONG = Duration.ofMillis(1);

  @Test
  void blobsLeaveAQuarterToOthers() {
    Permits permits = new Permits("test", 16);
    List<Permits.Permit> blobs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      blobs.add(permits.forBlob(NOT_LONG));
    }
    assertThatThrownBy(() -> permits.forBlob(NOT_LONG))
        .isInstanceOf(UpstreamException.class)
        .hasMessage("test: all 16 connections are busy");
    for (int i = 0; i < 4; i++) {
      assertThat(permits.forSmall(NOT_LONG)).isNotNull();
    }
    assertThatThrownBy(() -> permits.forSmall(NOT_LONG)).isInstanceOf(UpstreamException.class);
    blobs.getFirst().close();
    assertThat(permits.forBlob(NOT_LONG)).isNotNull();
  }

  @Test
  void aPermitIsGivenBackOnce() {
    Permits permits = new Permits("test", 1);
    Permits.Permit permit = permits.forBlob(NOT_LONG);
    permit.close();
    permit.close();
    assertThat(permits.forSmall(NOT_LONG)).isNotNull();
    assertThatThrownBy(() -> permits.forSmall(NOT_LONG)).isInstanceOf(UpstreamException.class);
    assertThatThrownBy(() -> permits.forBlob(NOT_LONG)).isInstanceOf(UpstreamException.class);
  }

  @Test
  void aBlobThatGetsNoPermitKeepsNone() {
    Permits permits = new Permits("test", 2);
    Permits.Permit first = permits.forSmall(NOT_LONG);
    Permits.Permit second = permits.forSmall(NOT_LONG);
    assertThatThrownBy(() -> permits.forBlob(NOT_LONG)).isInstanceOf(UpstreamException.class);
    first.close();
    second.close();
    assertThat(permits.forBlob(NOT_LONG)).isNotNull();
  }
}
