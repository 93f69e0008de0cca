"""Many clients that pull a blob slowly, each at the same rate, for a while.

usage: slow_readers.py --clients N --seconds S --rate BYTES-PER-SECOND URL

All connect and ask at once. Every client takes what is its due, ten times a second, and no more: the rest waits in the
kernel's buffers and in the server. At the end all leave, wherever they are. Prints one JSON object: clients that were
answered, bytes, seconds.
"""

import argparse
import collections
import json
import socket
import sys
import time
import urllib.parse

from pull import Connection

TURNS_PER_SECOND = 10

# So that the kernel holds little for each client, and the server sees how slow it is.
RECEIVE_BUFFER_BYTES = 64 << 10


def take(connection, due):
    """Takes up to `due` bytes of the body, of what is there; returns whether there is more to come."""
    end = connection.bytes + due
    try:
        while connection.bytes < end:
            if not connection.receive(bytes_max=end - connection.bytes):
                return False
    except BlockingIOError:
        pass
    return True


def read(url, clients, seconds, rate):
    connections = []
    for _ in range(clients):
        connection = Connection(
            url.hostname, url.port, collections.deque([(url.path, None)]), RECEIVE_BUFFER_BYTES)
        connection.ask()
        connection.socket.setblocking(False)
        connections.append(connection)
    begin = time.perf_counter()
    turn = 0
    reading = list(connections)
    while reading and time.perf_counter() - begin < seconds:
        reading = [connection for connection in reading if take(connection, rate // TURNS_PER_SECOND)]
        turn += 1
        time.sleep(max(0.0, begin + turn / TURNS_PER_SECOND - time.perf_counter()))
    return {
        "answered": sum(connection.first_byte_at is not None for connection in connections),
        "bytes": sum(connection.bytes for connection in connections),
        "seconds": time.perf_counter() - begin,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=int, required=True)
    arguments = parser.parse_args()
    try:
        result = read(
            urllib.parse.urlsplit(arguments.url), arguments.clients, arguments.seconds, arguments.rate)
    except EOFError as e:
        sys.exit(f"slow_readers.py: {arguments.url}: {e}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
