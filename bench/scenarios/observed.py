"""What it costs to be seen: the access log on, beside off. The metrics themselves are a part of `jmh`."""

import contextlib
import time

import images
import pulls
import servers

TITLE = "observed: with the access log, and without"
HEADLINES = ["requests_per_second", "gib_per_second"]

# Who does not write an access log.
SILENT = "silent"


def measure(bench):
    bench.need("docker-registry", "wrk")
    seconds = 2 if bench.quick else 10
    size = 64 * pulls.MIB if bench.quick else pulls.GIB
    bench.parameters = {"connections": 32, "seconds": seconds, "blob_bytes": size}
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder()))
        folder = bench.folder()
        folder.mkdir()
        images.push_image(upstream.url, folder, "latest")
        blob = images.random_blob(folder / "blob", size)
        images.push_blob(upstream.url, blob, images.REPOSITORY)
        running = {
            "weir": servers.weir(bench.root, bench.folder(), upstream.url[:-4]),
            SILENT: servers.weir(
                bench.root, bench.folder(), upstream.url[:-4], arguments=["--log-level", "warn"]),
        }
        for server in running.values():
            pulls.running(stack, server)
            pulls.get(pulls.url(server, "manifests", "latest"))
            pulls.pull(pulls.url(server, "blobs", blob.digest))

        def manifests(_, contestant, __):
            server = running[contestant]
            server.forget_log()
            before = server.cpu_seconds()
            result, _ = pulls.wrk(pulls.url(server, "manifests", "latest"), 32, seconds)
            cpu = server.cpu_seconds() - before
            time.sleep(1)  # for the log to be written
            return {
                "requests_per_second": result["requests"] / result["seconds"],
                "cpu_microseconds_per_request": cpu / result["requests"] * 1e6,
            }

        def blobs(_, contestant, __):
            server = running[contestant]
            before = server.cpu_seconds()
            result = pulls.pull(
                pulls.url(server, "blobs", blob.digest), connections=4, bytes=8 * size).json()
            gib = result["bytes"] / pulls.GIB
            return {
                "gib_per_second": gib / result["seconds"],
                "cpu_seconds_per_gib": (server.cpu_seconds() - before) / gib,
            }

        bench.contest(["manifests"], list(running), manifests)
        bench.contest(["blobs"], list(running), blobs)
    bench.at_least("manifests", "requests_per_second", "weir", 0.97, SILENT)
    bench.at_least("blobs", "gib_per_second", "weir", 0.97, SILENT)
