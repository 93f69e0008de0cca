"""1,000 clients read a blob slowly, a stored one and one that is still being fetched: memory, and whether it grows."""

import contextlib
import shutil
import sys

import pulls
import servers
import upstreams
from processes import BenchError, MemoryTrace, run_client

TITLE = "streams: a thousand slow readers"
HEADLINES = ["peak_resident_mib"]

CLIENTS = 1000
CLIENT_BYTES_PER_SECOND = 64 << 10

# The blob that grows comes so slowly that it grows as long as it is measured.
UPSTREAM_BITS_PER_SECOND = 100e6

STORED = "stored blob"
GROWING = "growing blob"


def measure(bench):
    bench.need("docker-registry")
    seconds = 5 if bench.quick else 30
    size = (256 if bench.quick else 1024) * pulls.MIB
    bench.parameters = {
        "clients": CLIENTS, "bytes_per_second_of_a_client": CLIENT_BYTES_PER_SECOND, "seconds": seconds,
        "blob_bytes": size, "upstream_bits_per_second_of_the_growing_blob": int(UPSTREAM_BITS_PER_SECOND)}
    traces = {}
    with upstreams.Storage(bench) as storage:
        content = storage.push(size)
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder(), storage=storage.path))
        slow = pulls.running(stack, servers.distant(bench.folder(), upstream, 0.0, UPSTREAM_BITS_PER_SECOND))
        kept = {contestant: bench.folder() for contestant in ("weir", "docker-registry")}
        started = {
            "weir": lambda: servers.weir(bench.root, kept["weir"], upstream.url[:-4]),
            "docker-registry": lambda: servers.docker_registry(kept["docker-registry"], upstream.url[:-4]),
            "nginx": lambda: servers.nginx(bench.folder(), {
                pulls.path("blobs", content.digest):
                    (servers.stored_by_weir(kept["weir"], content), "application/octet-stream")}),
        }
        stored = {
            "weir": servers.stored_by_weir(kept["weir"], content),
            "docker-registry": servers.stored_by_docker_registry(kept["docker-registry"], content),
        }
        for contestant, file in stored.items():
            with started[contestant]() as server:
                server.await_answer()
                pulls.pull(pulls.url(server, "blobs", content.digest))
                pulls.await_file(file, size)

        def once(case, contestant, _):
            folder = bench.folder()
            growing = case == GROWING
            with servers.weir(bench.root, folder, slow.url[:-4]) if growing else started[contestant]() as server:
                server.await_answer()
                measured, trace = _read(server, content, seconds)
            if growing:
                shutil.rmtree(folder)
            traces[f"{contestant}, {case}"] = [(x, y / pulls.MIB) for x, y in trace.samples]
            return measured

        # docker-registry takes gigabytes of memory for it.
        bench.contest([STORED], bench.with_nginx(list(kept)), once, rounds={"docker-registry": 1})
        # The others download it once for each client, or have it only when it has come.
        bench.contest([GROWING], ["weir"], once)
    bench.trace("memory", "1,000 slow readers, the last round", "seconds", "resident MiB", traces)
    for case in (STORED, GROWING):
        bench.at_most(case, "peak_resident_mib", "weir", 256)


def _read(server, content, seconds):
    server.reset_peak()
    before = server.cpu_seconds()
    command = [
        sys.executable, "-B", pulls.HERE / "slow_readers.py",
        "--clients", CLIENTS, "--seconds", seconds, "--rate", CLIENT_BYTES_PER_SECOND,
        pulls.url(server, "blobs", content.digest)]
    with MemoryTrace(server) as trace:
        client = run_client(command)
    result = client.json()
    if server.name == "weir" and result["answered"] != CLIENTS:
        raise BenchError(f"{server.name} answered {result['answered']} of {CLIENTS} clients")
    return {
        "clients_answered": result["answered"],
        "peak_resident_mib": server.peak_bytes() / pulls.MIB,
        "resident_mib_per_minute": trace.bytes_per_second() * 60 / pulls.MIB,
        "cpu_seconds": server.cpu_seconds() - before,
        "mib_per_second": result["bytes"] / pulls.MIB / result["seconds"],
        "client_cpu_share": client.cpu_seconds / client.seconds,
    }, trace
