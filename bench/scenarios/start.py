"""From the start of the program to the first answered pull, of a stored manifest, and what it then holds in memory."""

import contextlib
import time

import hello
import images
import pulls
import servers
from processes import BenchError

TITLE = "start: from the start to the first answered pull"
HEADLINES = ["first_answer_milliseconds", "idle_resident_mib"]

CASE = "filled store"


def measure(bench):
    bench.need("docker-registry")
    idle_seconds = 1 if bench.quick else 5
    bench.parameters = {"idle_seconds": idle_seconds}
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder()))
        content_folder = bench.folder()
        content_folder.mkdir()
        content = images.push_image(upstream.url, content_folder, "latest")
        folders = {"weir": bench.folder(), "docker-registry": bench.folder()}
        start = {
            "weir": lambda: servers.weir(bench.root, folders["weir"], upstream.url[:-4]),
            "docker-registry": lambda: servers.docker_registry(folders["docker-registry"], upstream.url[:-4]),
        }
        for contestant in folders:
            with start[contestant]() as server:
                server.await_answer()
                digest = pulls.get(pulls.url(server, "manifests", "latest"))[1]
                time.sleep(1)  # for the index to be written
        contestants = bench.with_nginx(list(start))
        file = content_folder / "manifest"
        file.write_bytes(content)
        start["nginx"] = lambda: servers.nginx(
            bench.folder(), {pulls.path("manifests", digest): (file, images.MANIFEST)})
        why = hello.why_not(bench.root)
        if why:
            bench.skip("the comparison with a bare server", why)
        else:
            start["hello"] = hello.Hello(bench.root, bench.folder(), bench.folder).start
            contestants.append("hello")

        def once(_, contestant, _warm_up):
            with start[contestant]() as server:
                if contestant != "hello":
                    server.url = pulls.url(server, "manifests", digest)
                seconds = server.await_answer()
                cpu = server.cpu_seconds()
                if contestant != "hello" and pulls.get(server.url)[0] != content:
                    raise BenchError(f"{contestant} gives another manifest than was pushed")
                time.sleep(idle_seconds)
                idle_before = server.cpu_seconds()
                time.sleep(idle_seconds)
                return {
                    "first_answer_milliseconds": seconds * 1e3,
                    "cpu_milliseconds": cpu * 1e3,
                    "idle_resident_mib": server.resident_bytes() / pulls.MIB,
                    "peak_resident_mib": server.peak_bytes() / pulls.MIB,
                    "idle_cpu_milliseconds_per_second":
                        (server.cpu_seconds() - idle_before) * 1e3 / idle_seconds,
                }

        bench.contest([CASE], contestants, once)
    bench.at_most(CASE, "first_answer_milliseconds", "weir", 1.4, "hello")
    bench.at_most(CASE, "idle_resident_mib", "weir", 120)
