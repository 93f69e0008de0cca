"""50 clients ask at once for a cold image of 8 layers, behind 100 Mbit/s."""

import contextlib
import os
import shutil
import sys
import time

import link
import pulls
import servers
import upstreams
from contest import Skip
from peers import WHY_NOT_ZOT
from processes import run_client

TITLE = "stampede: many clients, one cold image"
HEADLINES = ["seconds", "upstream_bytes_per_image_byte", "first_byte_milliseconds"]

LAYERS = 8
CLIENTS = 50

# Those that download once for each client or more would take half an hour for fifty.
FEW_CLIENTS = 4

CASE = "100 Mbit/s"


def measure(bench):
    bench.need("docker-registry")
    why = link.why_not()
    if why:
        raise Skip(why)
    layer = (1 if bench.quick else 32) * pulls.MIB
    with upstreams.Storage(bench) as storage:
        image_bytes = storage.push_runnable("latest", [layer] * LAYERS)
        storage.push_runnable("warm", [pulls.MIB])
    clients = {"direct": 1, "weir": CLIENTS}
    if bench.missing("nginx"):
        bench.skip("nginx as a cache", bench.missing("nginx"))
    else:
        clients["nginx-cache"] = CLIENTS
    clients["docker-registry"] = FEW_CLIENTS
    distribution = bench.peer("distribution")
    if distribution:
        clients["distribution"] = FEW_CLIENTS
    bench.skip("zot", WHY_NOT_ZOT)
    bench.parameters = {"image_bytes": image_bytes, "layers": LAYERS, "clients": clients, "connections_of_a_client": 3}
    with link.Link(100) as cable, contextlib.ExitStack() as stack:
        upstream = pulls.running(
            stack, servers.docker_registry(bench.folder(), storage=storage.path, within=cable.far, host=link.FAR))
        origin = upstream.url[:-4]

        def started(contestant, folder):
            if contestant == "weir":
                return servers.weir(bench.root, folder, origin, within=cable.near)
            if contestant == "nginx-cache":
                return servers.nginx_cache(folder, origin, within=cable.near)
            if contestant == "docker-registry":
                return servers.docker_registry(folder, origin, within=cable.near)
            return servers.distribution(folder, distribution, origin, within=cable.near)

        def once(_, contestant, _warm_up):
            if contestant == "direct":
                return _results(_pull(upstream, 1, cable, "latest"))
            folder = bench.folder()
            with started(contestant, folder) as cache:
                cache.await_answer()
                _pull(cache, 1, cable, "warm")
                cache.reset_peak()
                before = cache.cpu_seconds()
                sent = upstreams.sent_bytes(upstream.log)
                client = _pull(cache, clients[contestant], cable, "latest")
                time.sleep(1)  # what is done after the clients have left counts too
                measured = {
                    **_results(client),
                    "upstream_bytes_per_image_byte":
                        (upstreams.sent_bytes(upstream.log) - sent) / image_bytes,
                    "cpu_seconds": cache.cpu_seconds() - before,
                    "peak_resident_mib": cache.peak_bytes() / pulls.MIB,
                }
            shutil.rmtree(folder)
            os.sync()
            return measured

        bench.contest([CASE], list(clients), once, rounds={"docker-registry": 1, "distribution": 1})
    bench.at_most(CASE, "seconds", "weir", 1.1, "direct")
    # 1.00 to two digits.
    bench.at_most(CASE, "upstream_bytes_per_image_byte", "weir", 1.005)


def _pull(server, clients, cable, tag):
    command = [sys.executable, "-B", pulls.HERE / "pull_images.py", "--clients", clients]
    return run_client(command + [pulls.url(server, "manifests", tag)], cable.near)


def _results(client):
    result = client.json()
    return {
        "seconds": result["seconds"],
        "first_byte_milliseconds": result["first_byte_seconds"] * 1e3,
        "client_cpu_share": client.cpu_seconds / client.seconds,
    }
