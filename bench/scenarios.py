"""What is measured, and how: one function for each scenario."""

import contextlib
import functools
import os
import pathlib
import shutil
import sys
import time
import urllib.request

import images
import link
import servers
from processes import BenchError, Server, run_client

HERE = pathlib.Path(__file__).resolve().parent

MIB = 1 << 20
GIB = 1 << 30


class Skip(Exception):
    """Why a scenario, or a part of it, is not measured here."""


class Bench:
    """What the scenarios share: a folder of their own, the extent of the measurement, and what came of it."""

    def __init__(self, root, work, rounds, quick):
        self.root = root
        self.work = work
        self.rounds = rounds
        self.quick = quick
        self.parameters = {}
        self.values = {}
        self.targets = []
        self.skipped = []
        self._folders = 0

    def folder(self):
        self._folders += 1
        return self.work / f"{self._folders}"

    def say(self, text):
        print(f"script/bench: {text}", file=sys.stderr, flush=True)

    def skip(self, what, why):
        self.say(f"SKIPPED {what}: {why}")
        self.skipped.append(f"{what}: {why}")

    def missing(self, program):
        return None if shutil.which(program) else f"{program} is not installed"

    def contest(self, cases, contestants, measure):
        """Measures each contestant in each case in each round, the first to begin being another one each time.

        The first round warms up and is forgotten. measure(case, contestant, warm_up) gives values by name.
        """
        for case in cases:
            self.values[str(case)] = {contestant: {} for contestant in contestants}
        for round_number in range(self.rounds + 1):
            warm_up = round_number == 0
            shift = round_number % len(contestants)
            for case in cases:
                for contestant in contestants[shift:] + contestants[:shift]:
                    measured = measure(case, contestant, warm_up)
                    text = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
                    self.say(f"  {'warm-up' if warm_up else round_number} {case}, {contestant}: {text}")
                    if not warm_up:
                        kept = self.values[str(case)][contestant]
                        for name, value in measured.items():
                            kept.setdefault(name, []).append(value)

    def target(self, case, metric, over, under, limit, at_least=False):
        """States that Weir's median ratio to another is to be within a limit."""
        if {over, under} <= set(self.values.get(str(case), {})):
            self.targets.append({
                "case": str(case), "metric": metric, "ratio": f"{over} / {under}",
                "over": over, "under": under, "limit": limit, "at_least": at_least})


def _need(bench, *programs):
    for program in programs:
        why = bench.missing(program)
        if why:
            raise Skip(why)


def _with_nginx(bench, contestants):
    why = bench.missing("nginx")
    if why:
        bench.skip("the comparison with nginx", why)
        return contestants
    return contestants + ["nginx"]


def _get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, headers={"Accept": images.MANIFEST}), timeout=60) as answer:
        return answer.read(), answer.headers.get("Docker-Content-Digest")


def _pull(url, within=(), **options):
    command = [sys.executable, "-B", HERE / "pull.py"]
    for name, value in options.items():
        command += [f"--{name}", value]
    return run_client(command + [url], within)


def _running(stack, server):
    stack.enter_context(server)
    server.await_answer()
    return server


def _url(server, kind, reference):
    prefix = f"{servers.UPSTREAM}/" if server.name == "weir" else ""
    port = server.url.split("/")[2]
    return f"http://{port}/v2/{prefix}{images.REPOSITORY}/{kind}/{reference}"


def manifest(bench):
    """Stored manifests, by tag and by digest, over connections that stay open."""
    _need(bench, "docker-registry", "wrk")
    seconds = 2 if bench.quick else 10
    connections = 32
    with contextlib.ExitStack() as stack:
        upstream = _running(stack, servers.docker_registry(bench.folder()))
        content_folder = bench.folder()
        content_folder.mkdir()
        content = images.push_image(upstream.url, content_folder, "latest")
        running = {
            "weir": _running(stack, servers.weir(bench.root, bench.folder(), upstream.url[:-4])),
            "docker-registry": _running(
                stack, servers.docker_registry(bench.folder(), upstream.url[:-4])),
        }
        digests = set()
        for server in running.values():
            stored, digest = _get(_url(server, "manifests", "latest"))
            if stored != content:
                raise BenchError(f"{server.name} gives another manifest than was pushed")
            digests.add(digest)
        (digest,) = digests
        references = {"by tag": "latest", "by digest": digest}
        contestants = _with_nginx(bench, list(running))
        if "nginx" in contestants:
            file = content_folder / "manifest"
            file.write_bytes(content)
            running["nginx"] = _running(stack, servers.nginx(bench.folder(), {
                f"/v2/{images.REPOSITORY}/manifests/{reference}": (file, images.MANIFEST)
                for reference in references.values()}))
        bench.parameters = {
            "connections": connections, "seconds": seconds, "manifest_bytes": len(content)}

        def measure(case, contestant, _):
            server = running[contestant]
            server.forget_log()
            before = server.cpu_seconds()
            client = run_client([
                "wrk", "-t", 1, "-c", connections, "-d", f"{seconds}s", "--latency",
                "-H", f"Accept: {images.MANIFEST}", "-s", HERE / "wrk.lua",
                _url(server, "manifests", references[case])])
            cpu = server.cpu_seconds() - before
            result = _last_json(client)
            if result["errors"]:
                raise BenchError(f"{contestant} answered {result['errors']} requests with errors")
            time.sleep(1)  # for the log to be written
            return {
                "requests_per_second": result["requests"] / result["seconds"],
                "cpu_microseconds_per_request": cpu / result["requests"] * 1e6,
                "p99_milliseconds": result["p99_seconds"] * 1e3,
                "client_cpu_share": client.cpu_seconds / client.seconds,
                "logged_share": _lines(server.log, b'"GET /v2/', b'"method":"GET"') / result["requests"],
            }

        bench.contest(references, contestants, measure)
    for case in references:
        bench.target(case, "requests_per_second", "weir", "docker-registry", 50, at_least=True)


def _last_json(client):
    client.output = client.output.strip().splitlines()[-1]
    return client.json()


def _lines(path, *marks):
    """How many lines of a log have one of the marks."""
    with open(path, "rb") as file:
        return sum(any(mark in line for mark in marks) for line in file)


def blob(bench):
    """A stored blob, to one client and to many: what it costs the server."""
    _need(bench, "docker-registry")
    size = 64 * MIB if bench.quick else GIB
    total = 4 * size if bench.quick else 8 * size
    with contextlib.ExitStack() as stack:
        upstream = _running(stack, servers.docker_registry(bench.folder()))
        content_folder = bench.folder()
        content_folder.mkdir()
        content = images.random_blob(content_folder / "blob", size)
        images.push_blob(upstream.url, content)
        content.path.unlink()
        weir_folder, registry_folder = bench.folder(), bench.folder()
        stored = servers.stored_by_weir(weir_folder, content)
        running = {
            "weir": _running(stack, servers.weir(bench.root, weir_folder, upstream.url[:-4])),
            "docker-registry": _running(
                stack, servers.docker_registry(registry_folder, upstream.url[:-4])),
        }
        for server in running.values():
            _pull(_url(server, "blobs", content.digest), sha256=content.hex)
        _await_file(stored, size)
        _await_file(servers.stored_by_docker_registry(registry_folder, content), size)
        contestants = _with_nginx(bench, list(running))
        if "nginx" in contestants:
            path = f"/v2/{images.REPOSITORY}/blobs/{content.digest}"
            running["nginx"] = _running(
                stack, servers.nginx(bench.folder(), {path: (stored, "application/octet-stream")}))
        os.sync()
        bench.parameters = {"blob_bytes": size, "bytes_per_measurement": total}
        cases = {f"{count} connection{'s' * (count > 1)}": count for count in (1, 4, 64)}

        def measure(case, contestant, _):
            server = running[contestant]
            before = server.cpu_seconds()
            client = _pull(_url(server, "blobs", content.digest), connections=cases[case], bytes=total)
            cpu = server.cpu_seconds() - before
            result = client.json()
            return {
                "cpu_seconds_per_gib": cpu / (result["bytes"] / GIB),
                "gib_per_second": result["bytes"] / GIB / result["seconds"],
                "client_cpu_share": client.cpu_seconds / client.seconds,
                "resident_mib": server.resident_bytes() / MIB,
            }

        bench.contest(cases, contestants, measure)
    for case in cases:
        bench.target(case, "cpu_seconds_per_gib", "weir", "nginx", 1.1)


def _await_file(path, size):
    for _ in range(3000):
        if path.exists() and path.stat().st_size == size:
            return
        time.sleep(0.02)
    raise BenchError("the blob was not stored")


def cold(bench):
    """A blob that is not stored, to one client: beside a download straight from the upstream."""
    _need(bench, "docker-registry")
    large = 64 * MIB if bench.quick else GIB
    small = 8 * MIB if bench.quick else 64 * MIB
    bench.parameters = {"blob_bytes": {"no limit": large, "1 Gbit/s": large, "100 Mbit/s": small}}
    storage = _Upstream(bench, large, small)
    _cold(bench, storage, "no limit", storage.large, storage.warm)
    why = link.why_not()
    if why:
        bench.skip("cold behind a slow link", why)
        return
    for case, megabits, content in (("1 Gbit/s", 1000, storage.large), ("100 Mbit/s", 100, storage.small)):
        with link.Link(megabits) as cable:
            _cold(bench, storage, case, content, storage.tiny, cable)


class _Upstream:
    """The folder of a registry that has all the blobs that are pulled."""

    def __init__(self, bench, large, small):
        folder = bench.folder()
        self.storage = folder / "storage"
        with servers.docker_registry(folder) as server:
            server.await_answer()
            scratch = folder / "scratch"
            make = functools.partial(self._push, server, scratch)
            self.large, self.small = make(large), make(small)
            self.warm, self.tiny = make(large // 4), make(min(small, 4 * MIB))
        os.sync()

    @staticmethod
    def _push(server, scratch, size):
        content = images.random_blob(scratch, size)
        images.push_blob(server.url, content)
        scratch.unlink()
        return content


def _cold(bench, storage, case, content, warm, cable=None):
    near, far = (cable.near, cable.far) if cable else ((), ())
    host = link.FAR if cable else "127.0.0.1"
    with contextlib.ExitStack() as stack:
        upstream = servers.docker_registry(
            bench.folder(), storage=storage.storage, within=far, host=host)
        _running(stack, upstream)

        def started(contestant, folder):
            if contestant == "weir":
                return servers.weir(bench.root, folder, upstream.url[:-4], within=near)
            if contestant == "docker-registry":
                return servers.docker_registry(folder, upstream.url[:-4], within=near)
            return None

        def measure(_, contestant, warm_up):
            folder = bench.folder()
            with contextlib.ExitStack() as own:
                cache = started(contestant, folder)
                if cache is not None:
                    _running(own, cache)
                asked = cache or upstream
                # Another blob first: the servers have done this before, as they will have in use.
                _pull(_url(asked, "blobs", warm.digest), near)
                os.sync()
                _touch_memory(bench.folder(), content.size)
                before = cache.cpu_seconds() if cache else 0.0
                upstream_before = upstream.cpu_seconds()
                check = {"sha256": content.hex} if warm_up else {}
                client = _pull(_url(asked, "blobs", content.digest), near, **check)
                time.sleep(1)  # what is done after the client has left counts too
                gib = content.size / GIB
                result = client.json()
                measured = {
                    "seconds": result["seconds"],
                    "first_byte_milliseconds": result["first_byte_seconds"] * 1e3,
                    "upstream_cpu_seconds_per_gib": (upstream.cpu_seconds() - upstream_before) / gib,
                }
                if cache:
                    measured["cpu_seconds_per_gib"] = (cache.cpu_seconds() - before) / gib
                    measured["resident_mib"] = cache.resident_bytes() / MIB
            if cache:
                shutil.rmtree(folder)
            os.sync()
            return measured

        bench.contest([case], ["direct", "weir", "docker-registry"], measure)
    bench.target(case, "seconds", "weir", "direct", 1.1)


def _touch_memory(scratch, size):
    """Makes sure that the page cache has memory for a blob at hand.

    A virtual machine may get its memory from the host only when it is first used, and give it back when it is
    free: then a write costs several times as much as at other times, and whoever is first pays for it.
    """
    nothing = bytes(MIB)
    with open(scratch, "wb") as file:
        for _ in range(0, size, MIB):
            file.write(nothing)
    scratch.unlink()


def start(bench):
    """From the start of the program to its first answer, with an empty store, and what it then holds in memory."""
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
            upstream_url = _running(stack, servers.docker_registry(bench.folder())).url[:-4]
        contestants = _with_nginx(bench, contestants)

        def started(contestant) -> Server:
            if contestant == "weir":
                return servers.weir(bench.root, bench.folder(), upstream_url)
            if contestant == "docker-registry":
                return servers.docker_registry(bench.folder(), upstream_url)
            return servers.nginx(bench.folder(), {})

        def measure(_, contestant, _warm_up):
            with started(contestant) as server:
                seconds = server.await_answer()
                cpu = server.cpu_seconds()
                time.sleep(idle_seconds)
                idle_before = server.cpu_seconds()
                time.sleep(idle_seconds)
                return {
                    "first_answer_milliseconds": seconds * 1e3,
                    "cpu_milliseconds": cpu * 1e3,
                    "idle_resident_mib": server.resident_bytes() / MIB,
                    "idle_cpu_milliseconds_per_second":
                        (server.cpu_seconds() - idle_before) * 1e3 / idle_seconds,
                }

        bench.contest(["empty store"], contestants, measure)


ALL = {"manifest": manifest, "blob": blob, "cold": cold, "start": start}
