"""A stored blob, to one client and to many, without and with TLS: what it costs the server."""

import contextlib
import os

import certificates
import images
import pulls
import servers
from processes import BenchError

TITLE = "blob: a stored blob"
HEADLINES = ["cpu_seconds_per_gib"]

CONNECTIONS = (1, 4, 64)


def measure(bench):
    bench.need("docker-registry")
    size = 64 * pulls.MIB if bench.quick else pulls.GIB
    total = 4 * size if bench.quick else 8 * size
    bench.parameters = {"blob_bytes": size, "bytes_per_measurement": total}
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
        served = {pulls.path("blobs", content.digest): (stored, "application/octet-stream")}
        contestants = bench.with_nginx(list(running))
        if "nginx" in contestants:
            running["nginx"] = pulls.running(stack, servers.nginx(bench.folder(), served))
        os.sync()
        _contest(bench, _cases(""), running, content, total, processes=1)
    why = bench.missing("nginx") or bench.missing("openssl")
    if why:
        bench.skip("TLS", why)
    else:
        _with_tls(bench, weir_folder, served, content, total)
    for case in _cases(""):
        bench.at_most(case, "cpu_seconds_per_gib", "weir", 0.9, "nginx")
    for case in _cases(", TLS"):
        bench.at_most(case, "cpu_seconds_per_gib", "weir", 0.75, "nginx")


def _cases(suffix):
    return {f"{count} connection{'s' * (count > 1)}{suffix}": count for count in CONNECTIONS}


def _with_tls(bench, weir_folder, served, content, total):
    certificate = certificates.Certificate(bench.folder())
    config = f"registry: {{tls: {{cert: {certificate.chain}, key: {certificate.key}}}}}\n"
    with contextlib.ExitStack() as stack:
        # Nobody is asked: the blob is stored.
        weir = pulls.running(
            stack, servers.weir(bench.root, weir_folder, "http://127.0.0.1:9", config=config))
        cipher, version = certificates.cipher_of(weir)
        nginx = pulls.running(stack, servers.nginx(bench.folder(), served, tls=(certificate, cipher)))
        if certificates.cipher_of(nginx) != (cipher, version):
            raise BenchError(f"nginx does not agree on {version} with {cipher}, as Weir does")
        bench.parameters["tls"] = f"{version} {cipher}"
        _contest(bench, _cases(", TLS"), {"weir": weir, "nginx": nginx}, content, total, os.cpu_count())


def _contest(bench, cases, running, content, total, processes):

    def once(case, contestant, _):
        server = running[contestant]
        server.reset_peak()
        before = server.cpu_seconds()
        client = pulls.pull(
            pulls.url(server, "blobs", content.digest), connections=cases[case], bytes=total,
            processes=min(processes, cases[case]))
        cpu = server.cpu_seconds() - before
        result = client.json()
        return {
            "cpu_seconds_per_gib": cpu / (result["bytes"] / pulls.GIB),
            "gib_per_second": result["bytes"] / pulls.GIB / result["seconds"],
            "client_cpu_share": client.cpu_seconds / client.seconds,
            "peak_resident_mib": server.peak_bytes() / pulls.MIB,
        }

    bench.contest(cases, list(running), once)
