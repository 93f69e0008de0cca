"""From the start of the program to its first answer, with an empty store, and what it then holds in memory."""

import contextlib
import time

import pulls
import servers
from processes import Server

TITLE = "start: from the start to the first answer"
HEADLINES = ["first_answer_milliseconds", "idle_resident_mib"]


def measure(bench):
    idle_seconds = 1 if bench.quick else 5
    bench.parameters = {"idle_seconds": idle_seconds}
    with contextlib.ExitStack() as stack:
        contestants = ["weir"]
        upstream_url = "http://127.0.0.1:9"  # Weir asks nobody when it starts
        why = bench.missing("docker-registry")
        if why:
            bench.skip("the comparison with docker-registry", why)
        else:
            contestants.append("docker-registry")
            upstream_url = pulls.running(stack, servers.docker_registry(bench.folder())).url[:-4]
        contestants = bench.with_nginx(contestants)

        def started(contestant) -> Server:
            if contestant == "weir":
                return servers.weir(bench.root, bench.folder(), upstream_url)
            if contestant == "docker-registry":
                return servers.docker_registry(bench.folder(), upstream_url)
            return servers.nginx(bench.folder(), {})

        def once(_, contestant, _warm_up):
            with started(contestant) as server:
                seconds = server.await_answer()
                cpu = server.cpu_seconds()
                time.sleep(idle_seconds)
                idle_before = server.cpu_seconds()
                time.sleep(idle_seconds)
                return {
                    "first_answer_milliseconds": seconds * 1e3,
                    "cpu_milliseconds": cpu * 1e3,
                    "idle_resident_mib": server.resident_bytes() / pulls.MIB,
                    "idle_cpu_milliseconds_per_second":
                        (server.cpu_seconds() - idle_before) * 1e3 / idle_seconds,
                }

        bench.contest(["empty store"], contestants, once)
