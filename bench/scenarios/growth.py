"""What grows with the work: connections, clients of a blob, the size of a blob, the number of stored blobs."""

import contextlib
import hashlib
import http.client
import shutil
import statistics
import time

import images
import jdk
import pulls
import servers
from processes import BenchError

TITLE = "growth: what more work costs"
HEADLINES = []

# The names in which the test that fills a store counts.
IMAGES_PER_REPOSITORY = 100
BLOBS_PER_IMAGE = 10
OWN_BLOBS = 9


def measure(bench):
    bench.need("docker-registry", "wrk")
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder()))
        _connections(bench, upstream)
        _clients(bench, upstream)
        _sizes(bench, upstream)
    _stored(bench)


def _connections(bench, upstream):
    """A stored manifest, over more and more connections."""
    counts = (1, 32, 512) if bench.quick else (1, 4, 16, 64, 256, 1000, 2000)
    seconds = 2 if bench.quick else 3
    folder = bench.folder()
    folder.mkdir()
    file = folder / "manifest"
    file.write_bytes(images.push_image(upstream.url, folder, "latest"))
    digest = pulls.get(f"{upstream.url}{images.REPOSITORY}/manifests/latest")[1]
    with contextlib.ExitStack() as stack:
        running = {"weir": pulls.running(stack, servers.weir(bench.root, bench.folder(), upstream.url[:-4]))}
        pulls.get(pulls.url(running["weir"], "manifests", digest))  # to be stored
        if "nginx" in bench.with_nginx([]):
            running["nginx"] = pulls.running(stack, servers.nginx(
                bench.folder(), {pulls.path("manifests", digest): (file, images.MANIFEST)}))

        def once(case, contestant, _):
            server = running[contestant]
            server.forget_log()
            server.reset_peak()
            before = server.cpu_seconds()
            result, client = pulls.wrk(pulls.url(server, "manifests", digest), cases[case], seconds)
            cpu = server.cpu_seconds() - before
            return {
                "requests_per_second": result["requests"] / result["seconds"],
                "cpu_microseconds_per_request": cpu / result["requests"] * 1e6,
                "p99_milliseconds": result["p99_seconds"] * 1e3,
                "peak_resident_mib": server.peak_bytes() / pulls.MIB,
                "client_cpu_share": client.cpu_seconds / client.seconds,
            }

        cases = {_counted(count, "connection"): count for count in counts}
        bench.contest(cases, list(running), once)
    bench.curve(
        "connections", "a stored manifest", "connections", cases,
        ["requests_per_second", "cpu_microseconds_per_request", "peak_resident_mib"])


def _clients(bench, upstream):
    """A blob that is not stored, to more and more clients at once."""
    counts = (1, 10, 50) if bench.quick else (1, 5, 20, 50, 100, 200)
    size = (4 if bench.quick else 32) * pulls.MIB
    folder = bench.folder()
    folder.mkdir()
    bench.parameters["bytes_of_the_blob_of_many_clients"] = size
    with servers.weir(bench.root, bench.folder(), upstream.url[:-4]) as weir:
        weir.await_answer()

        def once(case, _contestant, _warm_up):
            content = images.random_blob(folder / "blob", size)
            images.push_blob(upstream.url, content)
            weir.reset_peak()
            before = weir.cpu_seconds()
            client = pulls.pull(pulls.url(weir, "blobs", content.digest), connections=cases[case])
            result = client.json()
            return {
                "seconds": result["seconds"],
                "first_byte_milliseconds": result["first_byte_seconds"] * 1e3,
                "cpu_seconds_per_gib": (weir.cpu_seconds() - before) / (result["bytes"] / pulls.GIB),
                "peak_resident_mib": weir.peak_bytes() / pulls.MIB,
                "client_cpu_share": client.cpu_seconds / client.seconds,
            }

        cases = {_counted(count, "client"): count for count in counts}
        bench.contest(cases, ["weir"], once)
    bench.curve(
        "clients", "a cold blob", "clients at once", cases,
        ["seconds", "cpu_seconds_per_gib", "peak_resident_mib"])


def _sizes(bench, upstream):
    """A stored blob, larger and larger."""
    free = shutil.disk_usage(bench.work).free
    wanted = [1 << 10, 1 << 15, 1 << 20, 1 << 25] + ([] if bench.quick else [1 << 30, 1 << 33])
    # It is in the upstream and in Weir's store, and some room is to remain.
    sizes = [size for size in wanted if size * 3 < free]
    if sizes != wanted:
        bench.skip(f"blobs of more than {_shown(sizes[-1])}", "the disk has not the room")
    weir_folder, scratch = bench.folder(), bench.folder()
    with contextlib.ExitStack() as stack:
        weir = pulls.running(stack, servers.weir(bench.root, weir_folder, upstream.url[:-4]))
        contents = {}
        for size in sizes:
            content = images.random_blob(scratch, size)
            images.push_blob(upstream.url, content)
            scratch.unlink()
            pulls.pull(pulls.url(weir, "blobs", content.digest))
            pulls.await_file(servers.stored_by_weir(weir_folder, content), size)
            contents[_shown(size)] = content
        running = {"weir": weir}
        if "nginx" in bench.with_nginx([]):
            running["nginx"] = pulls.running(stack, servers.nginx(bench.folder(), {
                pulls.path("blobs", content.digest):
                    (servers.stored_by_weir(weir_folder, content), "application/octet-stream")
                for content in contents.values()}))

        def once(case, contestant, _):
            server, content = running[contestant], contents[case]
            # Small ones often enough to be measured.
            count = max(1, min(2000, (256 * pulls.MIB) // content.size))
            server.reset_peak()
            before = server.cpu_seconds()
            client = pulls.pull(
                pulls.url(server, "blobs", content.digest), bytes=count * content.size)
            result = client.json()
            return {
                "milliseconds_per_blob": result["seconds"] / count * 1e3,
                "cpu_milliseconds_per_blob": (server.cpu_seconds() - before) / count * 1e3,
                "peak_resident_mib": server.peak_bytes() / pulls.MIB,
                "client_cpu_share": client.cpu_seconds / client.seconds,
            }

        bench.contest(list(contents), list(running), once)
    bench.curve(
        "sizes", "a stored blob", "bytes", {case: content.size for case, content in contents.items()},
        ["milliseconds_per_blob", "cpu_milliseconds_per_blob", "peak_resident_mib"])


def _stored(bench):
    """A store with more and more blobs, filled as the tests of the store do it."""
    counts = (10, 1000, 10_000) if bench.quick else (10, 1000, 100_000, 1_000_000)
    hits = 50 if bench.quick else 200
    why = bench.missing("mvn")
    if why:
        bench.skip("stores of many blobs", why)
        return
    tests = jdk.Tests(bench.root, bench.folder())
    cases, folders = {}, {}
    for count in counts:
        case = _counted(count, "stored blob")
        cases[case], folders[case] = count, bench.folder()
        folders[case].mkdir()
        bench.say(f"  filling a store with {count:,} blobs")
        tests.java(pulls.HERE / "Fill.java", folders[case] / "data", count // BLOBS_PER_IMAGE)

    def once(case, _contestant, _warm_up):
        # From all over the store, and each only once where there are as many: memory knows what it has just given.
        images_there = cases[case] // BLOBS_PER_IMAGE
        pulled = [(i * 7919 % images_there, i // images_there % OWN_BLOBS) for i in range(hits)]
        with servers.weir(bench.root, folders[case], {"hub": "http://127.0.0.1:9"}) as weir:
            weir.url += _blob(*pulled[0])
            first = weir.await_answer()
            before = weir.cpu_seconds()
            seconds = [_hit(weir, _blob(*which)) for which in pulled]
            cpu = weir.cpu_seconds() - before
            time.sleep(1)
            return {
                "first_answer_milliseconds": first * 1e3,
                "milliseconds_per_blob": statistics.median(seconds) * 1e3,
                "cpu_milliseconds_per_blob": cpu / hits * 1e3,
                "peak_resident_mib": weir.peak_bytes() / pulls.MIB,
            }

    bench.contest(cases, ["weir"], once)
    bench.curve(
        "stored", "a hit in a store", "stored blobs", cases,
        ["first_answer_milliseconds", "milliseconds_per_blob", "cpu_milliseconds_per_blob", "peak_resident_mib"])


def _blob(image, number):
    """The path of one of the blobs that only one image of the store has."""
    digest = hashlib.sha256(f"blob {number} of image {image}".encode()).hexdigest()
    return f"hub/team/app-{image // IMAGES_PER_REPOSITORY}/blobs/sha256:{digest}"


def _hit(weir, path):
    """The seconds of one pull, over a connection of its own."""
    host, port = weir.url.split("/")[2].split(":")
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(host, int(port))
    connection.request("GET", "/v2/" + path)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - begin
    connection.close()
    if answer.status != 200 or answer.getheader("Cache-Status") != "weir; hit":
        raise BenchError(f"a stored blob was answered {answer.status}, {answer.getheader('Cache-Status')}")
    return seconds


def _counted(count, noun):
    return f"{count:,} {noun}{'s' * (count > 1)}"


def _shown(size):
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size // unit} {name}"
    return f"{size} bytes"
