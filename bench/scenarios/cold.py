"""A blob that is not stored, to one client: beside a download straight from the upstream."""

import contextlib
import os
import shutil
import time

import link
import pulls
import servers
import upstreams
from peers import WHY_NOT_ZOT

TITLE = "cold: a blob that is not stored"
HEADLINES = ["seconds", "first_byte_milliseconds"]


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
    _cold(bench, distribution, storage, "no limit", at_once, warm)
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

        def started(contestant, folder):
            if contestant == "weir":
                return servers.weir(bench.root, folder, upstream.url[:-4], within=near)
            if contestant == "docker-registry":
                return servers.docker_registry(folder, upstream.url[:-4], within=near)
            if contestant == "distribution":
                return servers.distribution(folder, distribution, upstream.url[:-4], within=near)
            return None

        def once(_, contestant, warm_up):
            folder = bench.folder()
            with contextlib.ExitStack() as own:
                cache = started(contestant, folder)
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

        contestants = ["direct", "weir", "docker-registry"] + (["distribution"] if distribution else [])
        bench.contest([case], contestants, once)
    bench.at_most(case, "seconds", "weir", 1.05, "direct")
    bench.at_most_more(case, "first_byte_milliseconds", "weir", 5, "direct")


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
