package io.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.testing.real.SmallDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobsTest {

  private static final byte[] CONTENT = "a layer, more or less".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(CONTENT);

  @TempDir private Path root;
  private Layout layout;
  private FileBlobs blobs;

  @BeforeEach
  void open() throws IOException {
    layout = new Layout(root);
    FileBlobs.createFolders(layout);
    blobs = new FileBlobs(layout);
  }

  @Test
  void aCommittedBlobIsFoundUnderItsDigestAndHasItsBytes() throws IOException {
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap(CONTENT));
      assertThat(blobs.find(DIGEST)).isEmpty();
      incoming.commit();
    }
    StoredBlob stored = blobs.find(DIGEST).orElseThrow();
    assertThat(stored.sizeBytes()).isEqualTo(CONTENT.length);
    assertThat(root.resolve("blobs/sha256").resolve(DIGEST.hex())).hasBinaryContent(CONTENT);
    assertThat(filesIn(layout.incomingFolder())).isEmpty();
  }

  @Test
  void aSha512BlobHasAFolderOfItsOwn() throws IOException {
    Digest digest = Digest.Algorithm.SHA512.of(CONTENT);
    blobs.put(digest, CONTENT);
    assertThat(root.resolve("blobs/sha512").resolve(digest.hex())).hasBinaryContent(CONTENT);
  }

  @Test
  void anEmptyBlobCanBeReceived() throws IOException {
    Digest empty = Digest.Algorithm.SHA256.of(new byte[0]);
    try (IncomingBlob incoming = blobs.receive(empty)) {
      assertThat(incoming.isComplete()).isTrue();
      incoming.commit();
    }
    assertThat(blobs.find(empty).orElseThrow().sizeBytes()).isZero();
  }

  @Test
  void wrongBytesCannotBeCommitted() throws IOException {
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap("something else".getBytes(StandardCharsets.UTF_8)));
      assertThat(incoming.isComplete()).isFalse();
      assertThatThrownBy(incoming::commit).isInstanceOf(IllegalStateException.class);
      incoming.discard();
    }
    assertThat(blobs.find(DIGEST)).isEmpty();
    assertThat(filesIn(layout.incomingFolder())).isEmpty();
  }

  @Test
  void whatCameIsKeptAndGoneOnWithAfterAnotherStart() throws IOException {
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap(CONTENT, 0, 7));
    }
    FileBlobs later = new FileBlobs(layout);
    try (IncomingBlob incoming = later.receive(DIGEST)) {
      assertThat(incoming.writtenBytes()).isEqualTo(7);
      incoming.write(ByteBuffer.wrap(CONTENT, 7, CONTENT.length - 7));
      assertThat(incoming.isComplete()).isTrue();
      incoming.commit();
    }
    assertThat(later.read(DIGEST, 1000)).hasValue(CONTENT);
  }

  @Test
  void afterADiscardTheNextByteIsTheFirstAndEarlierReadersKeepTheirFile() throws IOException {
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap("wrong".getBytes(StandardCharsets.UTF_8)));
      SharedFile before = incoming.file();
      assertThat(before.tryRetain()).isTrue();
      incoming.discard();
      incoming.write(ByteBuffer.wrap(CONTENT));
      incoming.commit();
      ByteBuffer read = ByteBuffer.allocate(5);
      before.channel().read(read, 0);
      assertThat(new String(read.array(), StandardCharsets.UTF_8)).isEqualTo("wrong");
      before.release();
      assertThat(before.channel().isOpen()).isFalse();
    }
    assertThat(blobs.read(DIGEST, 1000)).hasValue(CONTENT);
  }

  @Test
  void aReaderOfTheGrowingFileReadsOnAfterTheCommitAndAfterARemoval() throws IOException {
    SharedFile file;
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap(CONTENT));
      file = incoming.file();
      assertThat(file.tryRetain()).isTrue();
      incoming.commit();
    }
    blobs.remove(DIGEST);
    ByteBuffer read = ByteBuffer.allocate(CONTENT.length);
    file.channel().read(read, 0);
    assertThat(read.array()).isEqualTo(CONTENT);
    file.release();
    assertThat(file.channel().isOpen()).isFalse();
    assertThat(file.tryRetain()).isFalse();
  }

  @Test
  void leftoversOfInterruptedPutsAreRemovedAtStart() throws IOException {
    FileBlobs.createFolders(layout);
    Files.write(layout.put(17), CONTENT);
    Files.write(layout.incoming(DIGEST), new byte[] {1});
    FileBlobs unused = new FileBlobs(layout);
    assertThat(unused.find(DIGEST)).isEmpty();
    assertThat(filesIn(layout.incomingFolder())).containsExactly(layout.incoming(DIGEST));
  }

  @Test
  void readingRefusesWhatIsTooLong() throws IOException {
    blobs.put(DIGEST, CONTENT);
    assertThatThrownBy(() -> blobs.read(DIGEST, CONTENT.length - 1))
        .isInstanceOf(IOException.class);
    assertThat(blobs.read(DIGEST, CONTENT.length)).hasValue(CONTENT);
  }

  @Test
  @Tag("real")
  void aWriteThatFailsLeavesTheCountAndTheHashAsTheyWere() throws IOException {
    try (SmallDisk disk = SmallDisk.tmpfs(root.resolve("disk"), 1 << 20)) {
      Digest digest = Digest.Algorithm.SHA256.of(new byte[4 << 20]);
      try (IncomingBlob incoming = new FileBlobs(new Layout(disk.path())).receive(digest)) {
        incoming.write(ByteBuffer.allocate(1000));
        assertThatThrownBy(() -> incoming.write(ByteBuffer.allocate(4 << 20)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining(digest.hex())
            .hasMessageContaining("No space left on device");
        assertThat(incoming.writtenBytes()).isEqualTo(1000);
        assertThat(incoming.hashSoFar().digest())
            .isEqualTo(digest.algorithm().newMessageDigest().digest(new byte[1000]));
        incoming.drop();
      }
      assertThat(filesIn(disk.path().resolve("incoming"))).isEmpty();
    }
  }

  @Test
  @Tag("real")
  void aPutThatFailsLeavesNothing() throws IOException {
    try (SmallDisk disk = SmallDisk.tmpfs(root.resolve("disk"), 1 << 20)) {
      FileBlobs small = new FileBlobs(new Layout(disk.path()));
      disk.fill();
      assertThatThrownBy(() -> small.put(DIGEST, CONTENT)).isInstanceOf(IOException.class);
      assertThat(small.find(DIGEST)).isEmpty();
      assertThat(filesIn(disk.path().resolve("incoming"))).isEmpty();
    }
  }

  @Test
  void afterADropReadersReadOnAndNothingIsKept() throws IOException {
    SharedFile file;
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap(CONTENT, 0, 7));
      file = incoming.file();
      assertThat(file.tryRetain()).isTrue();
      incoming.drop();
    }
    assertThat(filesIn(layout.incomingFolder())).isEmpty();
    ByteBuffer read = ByteBuffer.allocate(7);
    file.channel().read(read, 0);
    assertThat(read.array()).isEqualTo(Arrays.copyOf(CONTENT, 7));
    file.release();
    assertThat(file.channel().isOpen()).isFalse();
  }

  @Test
  void otherToolsMayReadTheBlobs() throws IOException {
    StoredBlob stored = blobs.put(DIGEST, CONTENT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stored.path())))
        .startsWith("rw-r");
  }

  @Test
  void aDamagedBlobIsSetAsideAndCanBeReceivedAnewWhileItsReadersReadOn() throws IOException {
    Files.write(layout.blob(DIGEST), bytes("something else"));
    SharedFile file = blobs.find(DIGEST).orElseThrow().open();
    blobs.quarantine(DIGEST);
    assertThat(blobs.find(DIGEST)).isEmpty();
    assertThat(layout.quarantined(DIGEST)).hasBinaryContent(bytes("something else"));
    blobs.put(DIGEST, CONTENT);
    assertThat(blobs.read(DIGEST, 1000)).hasValue(CONTENT);

    ByteBuffer read = ByteBuffer.allocate(9);
    file.channel().read(read, 0);
    assertThat(read.array()).isEqualTo(bytes("something"));
    file.release();

    Files.write(layout.blob(DIGEST), bytes("wrong again"));
    blobs.quarantine(DIGEST);
    assertThat(layout.quarantined(DIGEST)).hasBinaryContent(bytes("wrong again"));
    blobs.quarantine(DIGEST); // it has gone already
  }

  @Test
  void aDamagedBlobThatCannotBeKeptIsDeleted() throws IOException {
    Files.write(layout.quarantineFolder(), bytes("in the way"));
    blobs.put(DIGEST, CONTENT);
    blobs.quarantine(DIGEST);
    assertThat(filesIn(layout.blobFolder(Digest.Algorithm.SHA256))).isEmpty();
  }

  @Test
  void whatIsInQuarantineGoesWhenItIsOld() throws IOException {
    assertThat(blobs.dropQuarantined(Duration.ZERO)).isZero();
    blobs.put(DIGEST, CONTENT);
    makeOld(layout.blob(DIGEST));
    blobs.quarantine(DIGEST);
    assertThat(blobs.dropQuarantined(Duration.ofHours(1))).as("it came just now").isZero();
    makeOld(layout.quarantined(DIGEST));
    assertThat(blobs.dropQuarantined(Duration.ofHours(1))).isEqualTo(CONTENT.length);
    assertThat(filesIn(layout.quarantineFolder())).isEmpty();
  }

  @Test
  void whatNobodyReceivesAnyMoreGoesWhenItIsOld() throws IOException {
    Digest other = Digest.Algorithm.SHA256.of(bytes("another"));
    Files.write(layout.incoming(other), bytes("an"));
    Files.write(layout.put(1), bytes("being put"));
    makeOld(layout.put(1));
    try (IncomingBlob incoming = blobs.receive(DIGEST)) {
      incoming.write(ByteBuffer.wrap(CONTENT, 0, 7));
      makeOld(layout.incoming(DIGEST));
      assertThat(blobs.dropPartial(Duration.ofHours(1))).as("in use, or young").isZero();
      makeOld(layout.incoming(other));
      assertThat(blobs.dropPartial(Duration.ofHours(1))).isEqualTo(2);
    }
    assertThat(blobs.dropPartial(Duration.ofHours(1))).isEqualTo(7);
    assertThat(filesIn(layout.incomingFolder())).containsExactly(layout.put(1));
  }

  @Test
  void aWalkPassesAllBlobsAndCountsWhatIsNone() throws IOException {
    Digest long512 = Digest.Algorithm.SHA512.of(CONTENT);
    blobs.put(DIGEST, CONTENT);
    blobs.put(long512, CONTENT);
    Files.write(layout.blobFolder(Digest.Algorithm.SHA256).resolve("README"), bytes("?"));
    List<Digest> walked = new ArrayList<>();
    try (BlobWalk walk = blobs.walk()) {
      for (List<Digest> next = walk.next(1); !next.isEmpty(); next = walk.next(1)) {
        assertThat(next).hasSize(1);
        walked.addAll(next);
      }
      assertThat(walk.strangers()).isEqualTo(1);
    }
    assertThat(walked).containsExactlyInAnyOrder(DIGEST, long512);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void makeOld(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
