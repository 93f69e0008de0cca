"""A blob that is not stored, to one client: beside a download straight from the upstream."""

import contextlib
import http.client
import os
import shutil
import statistics
import time
import urllib.parse

import link
import pulls
import servers
import upstreams
from peers import WHY_NOT_ZOT
from processes import BenchError

TITLE = "cold: a blob that is not stored"
HEADLINES = ["seconds", "first_byte_milliseconds"]

# Blobs that are pulled one after the other, and how many of them count: the last.
SMALL_BLOBS = 400
SMALL_BLOBS_COUNTED = 100


def measure(bench):
    bench.need("docker-registry")
    large = 64 * pulls.MIB if bench.quick else pulls.GIB
    small = 8 * pulls.MIB if bench.quick else 64 * pulls.MIB
    bench.parameters = {"blob_bytes": {"no limit": large, "1 Gbit/s": large, "100 Mbit/s": small}}
    distribution = bench.peer("distribution")
    bench.skip("zot", WHY_NOT_ZOT)
    with upstreams.Storage(bench) as storage:
        at_once, slowly = storage.push(large), storage.push(small)
        warm, tiny = storage.push(large // 4), storage.push(min(small, 4 * pulls.MIB))
        many = [storage.push(256 << 10) for _ in range(SMALL_BLOBS // 10 if bench.quick else SMALL_BLOBS)]
    _cold(bench, distribution, storage, "no limit", at_once, warm)
    _one_after_the_other(bench, distribution, storage, "one after the other", many)
    why = link.why_not()
    if why:
        bench.skip("cold behind a slow link", why)
        return
    for case, megabits, content in (("1 Gbit/s", 1000, at_once), ("100 Mbit/s", 100, slowly)):
        with link.Link(megabits) as cable:
            _cold(bench, distribution, storage, case, content, tiny, cable)


def _cold(bench, distribution, storage, case, content, warm, cable=None):
    near, far = (cable.near, cable.far) if cable else ((), ())
    host = link.FAR if cable else "127.0.0.1"
    with contextlib.ExitStack() as stack:
        upstream = servers.docker_registry(
            bench.folder(), storage=storage.path, within=far, host=host)
        pulls.running(stack, upstream)

        def once(_, contestant, warm_up):
            folder = bench.folder()
            with contextlib.ExitStack() as own:
                cache = _cache(bench, contestant, distribution, folder, upstream, near)
                if cache is not None:
                    pulls.running(own, cache)
                asked = cache or upstream
                # Another blob first: the servers have done this before, as they will have in use.
                pulls.pull(pulls.url(asked, "blobs", warm.digest), near)
                os.sync()
                _touch_memory(bench.folder(), content.size)
                if cache:
                    cache.reset_peak()
                before = cache.cpu_seconds() if cache else 0.0
                upstream_before = upstream.cpu_seconds()
                check = {"sha256": content.hex} if warm_up else {}
                client = pulls.pull(pulls.url(asked, "blobs", content.digest), near, **check)
                time.sleep(1)  # what is done after the client has left counts too
                gib = content.size / pulls.GIB
                result = client.json()
                measured = {
                    "seconds": result["seconds"],
                    "first_byte_milliseconds": result["first_byte_seconds"] * 1e3,
                    "upstream_cpu_seconds_per_gib": (upstream.cpu_seconds() - upstream_before) / gib,
                }
                if cache:
                    measured["cpu_seconds_per_gib"] = (cache.cpu_seconds() - before) / gib
                    measured["peak_resident_mib"] = cache.peak_bytes() / pulls.MIB
            if cache:
                shutil.rmtree(folder)
            os.sync()
            return measured

        bench.contest([case], _contestants(distribution), once)
    bench.at_most(case, "seconds", "weir", 1.05, "direct")
    bench.at_most_more(case, "first_byte_milliseconds", "weir", 5, "direct")


def _contestants(distribution):
    return ["direct", "weir", "docker-registry"] + (["distribution"] if distribution else [])


def _cache(bench, contestant, distribution, folder, upstream, within=()):
    """The contestant, to be run; None for no cache."""
    if contestant == "weir":
        return servers.weir(bench.root, folder, upstream.url[:-4], within=within)
    if contestant == "docker-registry":
        return servers.docker_registry(folder, upstream.url[:-4], within=within)
    if contestant == "distribution":
        return servers.distribution(folder, distribution, upstream.url[:-4], within=within)
    return None


def _one_after_the_other(bench, distribution, storage, case, blobs):
    """How long the first byte takes from a server that has been in use for a while."""
    with contextlib.ExitStack() as stack:
        upstream = servers.docker_registry(bench.folder(), storage=storage.path)
        pulls.running(stack, upstream)

        def once(_, contestant, warm_up):
            folder = bench.folder()
            with contextlib.ExitStack() as own:
                cache = _cache(bench, contestant, distribution, folder, upstream)
                if cache is not None:
                    pulls.running(own, cache)
                seconds = [
                    _first_byte(pulls.url(cache or upstream, "blobs", blob.digest)) for blob in blobs]
            if cache:
                shutil.rmtree(folder)
            os.sync()
            counted = seconds[-SMALL_BLOBS_COUNTED:]
            return {"first_byte_milliseconds": statistics.median(counted) * 1e3}

        bench.contest([case], _contestants(distribution), once)
    bench.at_most_more(case, "first_byte_milliseconds", "weir", 5, "direct")


def _first_byte(url):
    """Pulls a blob over a connection of its own; returns after how many seconds its first byte was there."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        began = time.perf_counter()
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read(1):
            raise BenchError(f"{url} was answered with {answer.status}")
        seconds = time.perf_counter() - began
        answer.read()
        return seconds
    finally:
        connection.close()


def _touch_memory(scratch, size):
    """Makes sure that the page cache has memory for a blob at hand.

    A virtual machine may get its memory from the host only when it is first used, and give it back when it is
    free: then a write costs several times as much as at other times, and whoever is first pays for it.
    """
    nothing = bytes(pulls.MIB)
    with open(scratch, "wb") as file:
        for _ in range(0, size, pulls.MIB):
            file.write(nothing)
    scratch.unlink()
