"""A proxy that makes a server distant, as a CDN is: each round trip takes longer, and each connection has a rate.

usage: distant.py LISTEN-HOST:PORT SERVER-HOST:PORT DELAY-SECONDS BITS-PER-SECOND

What arrives is passed on half the delay later, in both directions; the first bytes of a connection wait for a whole
delay more, as a client waits for a connection. The rate is that of the client's side of the connection, and
the kernel keeps it (SO_MAX_PACING_RATE), so that it is even and costs next to nothing.
"""

import collections
import socket
import sys
import threading
import time

# Not in the module `socket` of all versions of Python.
SO_MAX_PACING_RATE = 47

PIECE_BYTES = 256 << 10
WAITING_BYTES_MAX = 1 << 20


class DelayLine:
    """What is on its way in one direction: taken from one socket, given to another when its time has come."""

    def __init__(self, source, sink, delay, begins_at):
        self._source = source
        self._sink = sink
        self._delay = delay
        self._begins_at = begins_at
        self._pieces = collections.deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()

    def take(self):
        """Reads until the end, but never far ahead."""
        piece = b"-"
        while piece:
            try:
                piece = self._source.recv(PIECE_BYTES)
            except OSError:
                piece = b""
            with self._changed:
                self._pieces.append((max(time.monotonic(), self._begins_at) + self._delay, piece))
                self._waiting_bytes += len(piece)
                self._changed.notify()
                while self._waiting_bytes > WAITING_BYTES_MAX:
                    self._changed.wait()

    def give(self):
        """Writes until the end, each piece when it is due."""
        while True:
            with self._changed:
                while not self._pieces:
                    self._changed.wait()
                due, piece = self._pieces.popleft()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not piece:
                    self._sink.shutdown(socket.SHUT_WR)
                    return
                self._sink.sendall(piece)
            except OSError:
                piece = b""
            with self._changed:
                self._waiting_bytes -= len(piece) if piece else self._waiting_bytes
                self._changed.notify()
            if not piece:
                # Nobody is there to be given anything: end the other side, too.
                self._source.close()
                return


def connect(client, server, delay, bytes_per_second):
    try:
        upstream = socket.create_connection(server)
    except OSError:
        client.close()
        return
    for end in (client, upstream):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, bytes_per_second)
    there = DelayLine(client, upstream, delay / 2, time.monotonic() + delay)
    back = DelayLine(upstream, client, delay / 2, 0.0)
    threads = [threading.Thread(target=work, daemon=True)
               for work in (there.take, there.give, back.take, back.give)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    upstream.close()


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    listener = socket.create_server(address(sys.argv[1]), backlog=1024)
    server, delay, rate = address(sys.argv[2]), float(sys.argv[3]), int(float(sys.argv[4]) / 8)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=connect, args=(client, server, delay, rate), daemon=True).start()


if __name__ == "__main__":
    main()
