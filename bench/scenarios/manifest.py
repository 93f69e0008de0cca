"""Stored manifests, by tag and by digest, over connections that stay open."""

import contextlib
import time

import images
import pulls
import servers
from peers import WHY_NOT_ZOT
from processes import BenchError

TITLE = "manifest: stored manifests"
HEADLINES = ["requests_per_second"]


def measure(bench):
    bench.need("docker-registry", "wrk")
    seconds = 2 if bench.quick else 10
    connections = 32
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder()))
        content_folder = bench.folder()
        content_folder.mkdir()
        content = images.push_image(upstream.url, content_folder, "latest")
        running = {
            "weir": pulls.running(stack, servers.weir(bench.root, bench.folder(), upstream.url[:-4])),
            "docker-registry": pulls.running(
                stack, servers.docker_registry(bench.folder(), upstream.url[:-4])),
        }
        distribution = bench.peer("distribution")
        if distribution:
            running["distribution"] = pulls.running(
                stack, servers.distribution(bench.folder(), distribution, upstream.url[:-4]))
        bench.skip("zot", WHY_NOT_ZOT)
        digests = set()
        for server in running.values():
            stored, digest = pulls.get(pulls.url(server, "manifests", "latest"))
            if stored != content:
                raise BenchError(f"{server.name} gives another manifest than was pushed")
            digests.add(digest)
        (digest,) = digests
        references = {"by tag": "latest", "by digest": digest}
        contestants = bench.with_nginx(list(running))
        if "nginx" in contestants:
            file = content_folder / "manifest"
            file.write_bytes(content)
            running["nginx"] = pulls.running(stack, servers.nginx(bench.folder(), {
                pulls.path("manifests", reference): (file, images.MANIFEST)
                for reference in references.values()}))
        bench.parameters = {
            "connections": connections, "seconds": seconds, "manifest_bytes": len(content)}

        def once(case, contestant, _):
            server = running[contestant]
            server.forget_log()
            server.reset_peak()
            before = server.cpu_seconds()
            result, client = pulls.wrk(
                pulls.url(server, "manifests", references[case]), connections, seconds)
            cpu = server.cpu_seconds() - before
            time.sleep(1)  # for the log to be written
            return {
                "requests_per_second": result["requests"] / result["seconds"],
                "cpu_microseconds_per_request": cpu / result["requests"] * 1e6,
                "p99_milliseconds": result["p99_seconds"] * 1e3,
                "client_cpu_share": client.cpu_seconds / client.seconds,
                "peak_resident_mib": server.peak_bytes() / pulls.MIB,
                "logged_share": _lines(server.log, b'"GET /v2/', b'"method":"GET"') / result["requests"],
            }

        bench.contest(references, contestants, once)
    for case in references:
        bench.at_least(case, "requests_per_second", "weir", 1.0, "nginx")
    bench.at_least("by tag", "requests_per_second", "weir", 100, "docker-registry")


def _lines(path, *marks):
    """How many lines of a log have one of the marks."""
    with open(path, "rb") as file:
        return sum(any(mark in line for mark in marks) for line in file)
