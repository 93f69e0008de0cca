"""Pulls an image and throws it away, as one client or as many at once.

usage: pull_images.py [--clients N] [--connections N] URL-OF-A-MANIFEST

Each client asks for the manifest, then for config and layers in order, over as many connections as it may have
(3, as a kubelet's containerd; 1 is a client that fetches one after the other). Bytes of blobs are dropped in the
kernel. Prints one JSON object: bytes, seconds until the last client is done, first_client_seconds until the first is,
and first_byte_seconds from a client's first request for a blob to the first byte of one, of the client that waited
longest.
"""

import argparse
import collections
import json
import selectors
import sys
import time
import urllib.parse

from pull import Connection


class Client:
    """One that pulls the image: first the manifest, over the first connection, then the blobs over all."""

    def __init__(self, url, connections, selector):
        self._url = url
        self._connections_max = connections
        self._selector = selector
        self._manifest = bytearray()
        self._requests = collections.deque([(url.path, None)])
        self.connections = []
        self._asking = 0
        self.done_at = None
        self._connect()

    def _connect(self):
        connection = Connection(self._url.hostname, self._url.port, self._requests)
        self._start(connection)
        self.connections.append(connection)
        self._selector.register(connection.socket, selectors.EVENT_READ, (self, connection))

    def _start(self, connection):
        connection.ask()
        connection.socket.setblocking(False)
        self._asking += 1

    def receive(self, connection):
        """Takes what is there. Returns whether the client is done."""
        is_manifest = self._manifest is not None
        if connection.receive(self._manifest.extend if is_manifest else None):
            return False
        self._asking -= 1
        if is_manifest:
            self._ask_for_blobs(connection)
        if self._asking:
            return False
        self.done_at = time.perf_counter()
        for each in self.connections:
            self._selector.unregister(each.socket)
            each.socket.close()
        return True

    def _ask_for_blobs(self, connection):
        manifest = json.loads(self._manifest)
        self._manifest = None
        blobs = self._url.path.rsplit("/", 2)[0] + "/blobs/"
        for descriptor in [manifest["config"], *manifest["layers"]]:
            self._requests.append((blobs + descriptor["digest"], None))
        connection.first_byte_at = None
        self._start(connection)
        self.blobs_asked_at = connection.asked_at
        while self._requests and len(self.connections) < self._connections_max:
            self._connect()

    def first_byte_seconds(self):
        return min(connection.first_byte_at for connection in self.connections) - self.blobs_asked_at


def pull(url, clients, connections):
    begin = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        pulling = [Client(url, connections, selector) for _ in range(clients)]
        left = clients
        while left:
            for key, _ in selector.select():
                client, connection = key.data
                left -= client.receive(connection)
    return {
        "bytes": sum(connection.bytes for client in pulling for connection in client.connections),
        "seconds": max(client.done_at for client in pulling) - begin,
        "first_client_seconds": min(client.done_at for client in pulling) - begin,
        "first_byte_seconds": max(client.first_byte_seconds() for client in pulling),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--connections", type=int, default=3)
    arguments = parser.parse_args()
    try:
        result = pull(urllib.parse.urlsplit(arguments.url), arguments.clients, arguments.connections)
    except EOFError as e:
        sys.exit(f"pull_images.py: {arguments.url}: {e}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
