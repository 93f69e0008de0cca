"""Pulls a blob and throws it away, as cheaply as a client can: the load of the benchmarks.

usage: pull.py [--connections N] [--processes N] [--bytes TOTAL] [--sha256 HEX] URL

The bytes are dropped in the kernel (MSG_TRUNC), so that what is measured is the server; with TLS they have to be
decrypted, which several processes may share. Prints one JSON object: bytes, seconds, first_byte_seconds (of the
connection that waited longest).

With --bytes the connections share TOTAL: each asks for the whole blob as often as it fits into its share, and
for the rest as a range. Without it each pulls the blob once. With --sha256 the one connection's bytes are read
and hashed instead, and the program fails where they are wrong.
"""

import argparse
import collections
import hashlib
import json
import multiprocessing
import selectors
import socket
import ssl
import sys
import time
import urllib.parse

RECEIVE_BYTES = 1 << 20
HEAD_BYTES_MAX = 16 << 10

# Without it docker-registry denies that it has the manifest.
MANIFEST = "application/vnd.oci.image.manifest.v1+json"

# Of all connections: what is in it is done with before another one receives.
_BUFFER = bytearray(RECEIVE_BYTES)


class Connection:
    """One connection and the requests it is still to make: pairs of a path and a range, or None for the whole.

    requests: a deque, which several connections may share
    receive_buffer_bytes: what the kernel holds of what the client has not taken; as much as it likes if not said
    """

    def __init__(self, host, port, requests, receive_buffer_bytes=None):
        self._host = f"{host}:{port}"
        self._requests = requests
        self._left = None
        self.bytes = 0
        self.asked_at = None
        self.first_byte_at = None
        self.socket = socket.socket()
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.connect((host, port))

    def ask(self):
        """Sends the next request; False where there is none."""
        if not self._requests:
            return False
        path, part = self._requests.popleft()
        lines = [f"GET {path} HTTP/1.1", f"Host: {self._host}", f"Accept: {MANIFEST}, */*"]
        if part is not None:
            lines.append(f"Range: bytes={part[0]}-{part[1]}")
        self.asked_at = time.perf_counter()
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._left = None
        return True

    def _receive_head(self):
        # A peek, so that no byte of the body is taken with the head.
        seen = self.socket.recv(HEAD_BYTES_MAX, socket.MSG_PEEK)
        if not seen:
            raise EOFError("the connection was closed before the answer")
        end = seen.find(b"\r\n\r\n")
        if end < 0:
            if len(seen) == HEAD_BYTES_MAX:
                raise EOFError("the head of the answer is too long")
            return  # it came in pieces
        self._left = _length(self.socket.recv(end + 4)[:end])

    def receive(self, take=None, bytes_max=RECEIVE_BYTES):
        """Takes what is there, and gives it to `take`. Returns whether there is more to come."""
        if self._left is None:
            self._receive_head()
            return True
        wanted = min(self._left, bytes_max)
        if take is None:
            count = self.socket.recv_into(_BUFFER, wanted, socket.MSG_TRUNC)
        else:
            count = self.socket.recv_into(_BUFFER, wanted)
            take(memoryview(_BUFFER)[:count])
        if count == 0:
            raise EOFError(f"the connection was closed with {self._left} bytes to come")
        if self.first_byte_at is None:
            self.first_byte_at = time.perf_counter()
        self._left -= count
        self.bytes += count
        return self._left > 0 or self.ask()


class TlsConnection(Connection):
    """A connection with TLS. The bytes have to be taken, and are overwritten by the next."""

    def __init__(self, host, port, requests):
        super().__init__(host, port, requests)
        self.socket = _trusting_anyone().wrap_socket(self.socket)
        self._head = b""

    def receive(self, take=None, bytes_max=RECEIVE_BYTES):
        while True:
            try:
                count = self.socket.recv_into(_BUFFER, bytes_max)
            except ssl.SSLWantReadError:
                return True
            if count == 0:
                raise EOFError("the connection was closed before the end")
            if not self._received(memoryview(_BUFFER)[:count], take):
                return False
            # What OpenSSL has decrypted already does not wake up a selector.
            if not self.socket.pending():
                return True

    def _received(self, piece, take):
        if self._left is None:
            self._head += piece
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return True
            self._left = _length(self._head[:end])
            piece, self._head = self._head[end + 4:], b""
        if len(piece) and self.first_byte_at is None:
            self.first_byte_at = time.perf_counter()
        if take is not None:
            take(piece)
        self._left -= len(piece)
        self.bytes += len(piece)
        return self._left > 0 or self.ask()


def _trusting_anyone():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _length(head):
    """The length of the body that the head of an answer announces."""
    lines = head.decode("latin-1").split("\r\n")
    if int(lines[0].split()[1]) not in (200, 206):
        raise EOFError(f"answered {lines[0]}")
    fields = dict(line.lower().split(":", 1) for line in lines[1:] if ":" in line)
    return int(fields["content-length"])


def _connection_to(url):
    return TlsConnection if url.scheme == "https" else Connection


def size_of(url):
    """The length of the blob."""
    connection = socket.create_connection((url.hostname, url.port))
    if url.scheme == "https":
        connection = _trusting_anyone().wrap_socket(connection)
    with connection, connection.makefile("rb") as answer:
        connection.sendall(f"HEAD {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode())
        for line in answer:
            if line.lower().startswith(b"content-length:"):
                return int(line.split(b":")[1])
    raise EOFError("HEAD gave no length")


def shares(size, connections, total):
    """For each connection the ranges to ask for; None stands for the whole."""
    share = total // connections
    for i in range(connections):
        begin = i * share % size
        rest = share % size
        ranges = [None] * (share // size)
        if rest:
            begin = min(begin, size - rest)
            ranges.append((begin, begin + rest - 1))
        yield ranges


def pull(url, ranges_by_connection, hashed=None):
    begin = time.perf_counter()
    path = url.path + (f"?{url.query}" if url.query else "")
    connections = [
        _connection_to(url)(url.hostname, url.port, collections.deque((path, part) for part in ranges))
        for ranges in ranges_by_connection]
    for connection in connections:
        connection.ask()
    if len(connections) == 1:
        while connections[0].receive(hashed and hashed.update):
            pass
    else:
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                connection.socket.setblocking(False)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            running = len(connections)
            while running:
                for key, _ in selector.select():
                    if not key.data.receive():
                        selector.unregister(key.fileobj)
                        running -= 1
    end = time.perf_counter()
    for connection in connections:
        connection.socket.close()
    return {
        "bytes": sum(connection.bytes for connection in connections),
        "seconds": end - begin,
        "first_byte_seconds": max(connection.first_byte_at for connection in connections) - begin,
    }


def pull_with(processes, url, ranges_by_connection):
    """Shares the connections among processes, for one has not the CPU to decrypt for two cores of a server."""
    shares_of_processes = [ranges_by_connection[i::processes] for i in range(processes)]
    begin = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        results = pool.starmap(pull, [(url, share) for share in shares_of_processes if share])
        seconds = time.perf_counter() - begin
        pool.close()
        pool.join()  # so that their CPU counts as this program's
    return {
        "bytes": sum(result["bytes"] for result in results),
        "seconds": seconds,
        "first_byte_seconds": max(result["first_byte_seconds"] for result in results),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--bytes", type=int)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--sha256")
    arguments = parser.parse_args()
    url = urllib.parse.urlsplit(arguments.url)
    if arguments.bytes is None:
        ranges = [[None]] * arguments.connections
    else:
        ranges = list(shares(size_of(url), arguments.connections, arguments.bytes))
    hashed = hashlib.sha256() if arguments.sha256 else None
    try:
        if arguments.processes > 1:
            result = pull_with(arguments.processes, url, ranges)
        else:
            result = pull(url, ranges, hashed)
    except EOFError as e:
        sys.exit(f"pull.py: {arguments.url}: {e}")
    if hashed is not None and hashed.hexdigest() != arguments.sha256:
        sys.exit(f"pull.py: {arguments.url}: the bytes hash to {hashed.hexdigest()}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
