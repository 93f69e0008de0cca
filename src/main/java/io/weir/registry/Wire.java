package io.weir.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCounted;
import io.weir.store.SharedFile;
import java.io.EOFException;
import java.io.IOException;

/**
 * What carries a request and its answer: how it takes the bytes of a file, and how an answer is cut
 * short on it.
 */
enum Wire {

  /** HTTP/1.1 on a socket. The kernel moves bytes from file to socket ({@code sendfile}). */
  PLAIN(Long.MAX_VALUE) {
    @Override
    ReferenceCounted piece(
        ChannelHandlerContext context, SharedFile file, long position, long count) {
      return new Region(file, position, count);
    }
  },

  /** HTTP/1.1 in TLS. */
  TLS(Wire.BUFFER_BYTES),

  /** One stream of an HTTP/2 connection, in TLS. */
  STREAM(Wire.BUFFER_BYTES) {
    @Override
    void cut(ChannelHandlerContext context) {
      context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
      context.close();
    }
  };

  /**
   * What is read from a file at a time where bytes have to pass through this process: four full TLS
   * records, one write to the socket.
   */
  static final int BUFFER_BYTES = 64 << 10;

  private final long pieceBytesMax;

  Wire(long pieceBytesMax) {
    this.pieceBytesMax = pieceBytesMax;
  }

  /** How much of a file is written at a time. The next piece is made when this one has gone out. */
  long pieceBytesMax() {
    return pieceBytesMax;
  }

  /**
   * A part of a file, ready to be written to {@code context}.
   *
   * @param count at most {@link #pieceBytesMax}
   * @throws IOException where the file cannot be read
   */
  ReferenceCounted piece(ChannelHandlerContext context, SharedFile file, long position, long count)
      throws IOException {
    ByteBuf buffer = context.alloc().directBuffer((int) count);
    try {
      while (buffer.readableBytes() < count) {
        int wanted = (int) count - buffer.readableBytes();
        if (buffer.writeBytes(file.channel(), position + buffer.readableBytes(), wanted) < 0) {
          throw new EOFException("it is shorter than it was");
        }
      }
      return new DefaultHttpContent(buffer);
    } catch (IOException e) {
      buffer.release();
      throw e;
    }
  }

  /** Ends an answer so that the client sees that it is not whole. */
  void cut(ChannelHandlerContext context) {
    context.close();
  }

  /**
   * A part of a shared file; it leaves the file when it has gone out, where Netty's own would close
   * it for all.
   */
  private static final class Region extends DefaultFileRegion {

    private final SharedFile file;

    Region(SharedFile file, long position, long count) {
      super(file.channel(), position, count);
      if (!file.tryRetain()) {
        throw new IllegalStateException("the file is closed while it is being sent");
      }
      this.file = file;
    }

    @Override
    protected void deallocate() {
      file.release();
    }
  }
}
