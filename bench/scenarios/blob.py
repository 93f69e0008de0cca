"""A stored blob, to one client and to many: what it costs the server."""

import contextlib
import os

import images
import pulls
import servers

TITLE = "blob: a stored blob"
HEADLINES = ["cpu_seconds_per_gib"]


def measure(bench):
    bench.need("docker-registry")
    size = 64 * pulls.MIB if bench.quick else pulls.GIB
    total = 4 * size if bench.quick else 8 * size
    with contextlib.ExitStack() as stack:
        upstream = pulls.running(stack, servers.docker_registry(bench.folder()))
        content_folder = bench.folder()
        content_folder.mkdir()
        content = images.random_blob(content_folder / "blob", size)
        images.push_blob(upstream.url, content)
        content.path.unlink()
        weir_folder, registry_folder = bench.folder(), bench.folder()
        stored = servers.stored_by_weir(weir_folder, content)
        running = {
            "weir": pulls.running(stack, servers.weir(bench.root, weir_folder, upstream.url[:-4])),
            "docker-registry": pulls.running(
                stack, servers.docker_registry(registry_folder, upstream.url[:-4])),
        }
        for server in running.values():
            pulls.pull(pulls.url(server, "blobs", content.digest), sha256=content.hex)
        pulls.await_file(stored, size)
        pulls.await_file(servers.stored_by_docker_registry(registry_folder, content), size)
        contestants = bench.with_nginx(list(running))
        if "nginx" in contestants:
            path = pulls.path("blobs", content.digest)
            running["nginx"] = pulls.running(
                stack, servers.nginx(bench.folder(), {path: (stored, "application/octet-stream")}))
        os.sync()
        bench.parameters = {"blob_bytes": size, "bytes_per_measurement": total}
        cases = {f"{count} connection{'s' * (count > 1)}": count for count in (1, 4, 64)}

        def once(case, contestant, _):
            server = running[contestant]
            before = server.cpu_seconds()
            client = pulls.pull(pulls.url(server, "blobs", content.digest), connections=cases[case], bytes=total)
            cpu = server.cpu_seconds() - before
            result = client.json()
            return {
                "cpu_seconds_per_gib": cpu / (result["bytes"] / pulls.GIB),
                "gib_per_second": result["bytes"] / pulls.GIB / result["seconds"],
                "client_cpu_share": client.cpu_seconds / client.seconds,
                "resident_mib": server.resident_bytes() / pulls.MIB,
            }

        bench.contest(cases, contestants, once)
    for case in cases:
        bench.at_most(case, "cpu_seconds_per_gib", "weir", 1.1, "nginx")
