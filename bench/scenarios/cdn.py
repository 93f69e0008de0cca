"""A cold image of 8 layers from far away: 20 ms for each round trip, 50 Mbit/s for each connection."""

import contextlib
import os
import shutil
import sys
import time

import containerd
import images
import pulls
import servers
import upstreams
from processes import run_client, run_together

TITLE = "cdn: a cold image from far away"
HEADLINES = ["seconds"]

LAYERS = 8
DELAY_SECONDS = 0.020
BITS_PER_SECOND = 50e6

# What shows that the proxy is not the limit: so many connections through it at once.
PROBE_CONNECTIONS = 16

# As containerd knows the registry; Weir calls it so, too.
REGISTRY = "registry.test"


def measure(bench):
    bench.need("docker-registry")
    layer = (4 if bench.quick else 32) * pulls.MIB
    with upstreams.Storage(bench) as storage:
        image_bytes = storage.push_runnable("latest", [layer] * LAYERS)
        probe = storage.push(4 * layer)
    bench.parameters = {
        "image_bytes": image_bytes, "layers": LAYERS, "round_trip_seconds": DELAY_SECONDS,
        "bits_per_second_and_connection": int(BITS_PER_SECOND)}
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder(), storage=storage.path))
        distant = pulls.running(
            stack, servers.distant(bench.folder(), upstream, DELAY_SECONDS, BITS_PER_SECOND))
        _probe(bench, distant, probe)
        clients = _clients(bench, stack)

        def started(contestant, folder):
            if contestant == "weir":
                return servers.weir(bench.root, folder, {REGISTRY: distant.url[:-4]})
            return servers.docker_registry(folder, distant.url[:-4])

        def once(client, contestant, _):
            if contestant == "direct":
                return {"seconds": clients[client](distant, "")}
            folder = bench.folder()
            with started(contestant, folder) as cache:
                cache.await_answer()
                prefix = f"{REGISTRY}/" if contestant == "weir" else ""
                # Another blob first: the servers have done this before, as they will have in use.
                pulls.pull(f"{cache.url}{prefix}{images.REPOSITORY}/blobs/{probe.digest}")
                before = cache.cpu_seconds()
                sent = upstreams.sent_bytes(upstream.log)
                distant_before = distant.cpu_seconds()
                seconds = clients[client](cache, prefix)
                time.sleep(1)  # what is done after the client has left counts too
                measured = {
                    "seconds": seconds,
                    "cpu_seconds": cache.cpu_seconds() - before,
                    "peak_resident_mib": cache.peak_bytes() / pulls.MIB,
                    "distance_cpu_share": (distant.cpu_seconds() - distant_before) / seconds,
                    "upstream_bytes_per_image_byte":
                        (upstreams.sent_bytes(upstream.log) - sent) / image_bytes,
                }
            shutil.rmtree(folder)
            return measured

        # docker-registry makes nothing faster here; it is measured to see it.
        bench.contest(clients, ["direct", "weir", "docker-registry"], once, rounds={"docker-registry": 2})
    for client in clients:
        bench.at_most(client, "seconds", "weir", 0.5, "direct")


def _probe(bench, distant, probe):
    pulls.pull(pulls.url(distant, "blobs", probe.digest))  # to warm up
    before = distant.cpu_seconds()
    client = pulls.pull(
        pulls.url(distant, "blobs", probe.digest), connections=PROBE_CONNECTIONS)
    result = client.json()
    bench.parameters["probe_of_the_distance"] = {
        "connections": PROBE_CONNECTIONS,
        "megabits_per_second": round(result["bytes"] * 8 / result["seconds"] / 1e6),
        "its_cpu_share": round((distant.cpu_seconds() - before) / result["seconds"], 2)}


def _clients(bench, stack):
    """What pulls the image, by name: functions of a server and what stands there before repositories."""
    clients = {"one after the other": _serially}
    why = bench.missing("skopeo")
    if why:
        bench.skip("skopeo", why)
    else:
        clients["skopeo"] = lambda server, prefix: _skopeo(bench, server, prefix)
    why = containerd.why_not()
    if why:
        bench.skip("containerd", why)
    else:
        clients["containerd"] = lambda server, _: _containerd(bench, server)
    return clients


def _serially(server, prefix):
    command = [sys.executable, "-B", pulls.HERE / "pull_images.py", "--connections", 1]
    return run_client(
        command + [f"{server.url}{prefix}{images.REPOSITORY}/manifests/latest"]).json()["seconds"]


def _skopeo(bench, server, prefix):
    folder = bench.folder()
    name = f"docker://{server.url.split('/')[2]}/{prefix}{images.REPOSITORY}:latest"
    seconds = run_together(
        [["skopeo", "--insecure-policy", "copy", "--quiet", "--src-tls-verify=false", name, f"dir:{folder}"]])
    shutil.rmtree(folder)
    os.sync()
    return seconds


def _containerd(bench, server):
    with containerd.Node(bench.folder()) as node:
        node.await_answer()
        node.mirror(REGISTRY, server.url[:-4])
        return run_together([node.fetch_command(f"{REGISTRY}/{images.REPOSITORY}:latest")])
