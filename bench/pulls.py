"""What the scenarios do with servers: find their URLs, pull from them, wait for what they store."""

import json
import pathlib
import sys
import time
import urllib.request

import images
import servers
from processes import BenchError, run_client

HERE = pathlib.Path(__file__).resolve().parent

MIB = 1 << 20
GIB = 1 << 30


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers={"Accept": images.MANIFEST}), timeout=60) as answer:
            return answer.read(), answer.headers.get("Docker-Content-Digest")
    except OSError as e:
        raise BenchError(f"{url}: {e}") from e


def pull(url, within=(), **options):
    command = [sys.executable, "-B", HERE / "pull.py"]
    for name, value in options.items():
        command += [f"--{name}", value]
    return run_client(command + [url], within)


def wrk(url, connections, seconds):
    """Asks for a manifest over connections that stay open; returns what wrk measured, and what it used."""
    client = run_client([
        # An answer after its own 2 seconds is late, and not an error.
        "wrk", "-t", 1, "-c", connections, "-d", f"{seconds}s", "--latency", "--timeout", "60s",
        "-H", f"Accept: {images.MANIFEST}", "-s", HERE / "wrk.lua", url])
    result = json.loads(client.output.strip().splitlines()[-1])
    if result["errors"]:
        raise BenchError(f"{result['errors']} requests to {url} ended in errors")
    return result, client


def running(stack, server):
    stack.enter_context(server)
    server.await_answer()
    return server


def path(kind, reference, prefix=""):
    return f"/v2/{prefix}{images.REPOSITORY}/{kind}/{reference}"


def url(server, kind, reference):
    prefix = f"{servers.UPSTREAM}/" if server.name == "weir" else ""
    scheme, _, host = server.url.split("/")[:3]
    return f"{scheme}//{host}{path(kind, reference, prefix)}"


def await_file(path, size):
    for _ in range(3000):
        if path.exists() and path.stat().st_size == size:
            return
        time.sleep(0.02)
    raise BenchError("the blob was not stored")
