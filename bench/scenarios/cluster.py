"""10 containerd nodes fetch at once what a small Kubernetes cluster runs, behind 100 Mbit/s."""

import contextlib
import os
import pathlib
import resource
import shutil
import tempfile
import time

import containerd
import link
import machine
import pulls
import servers
import upstreams
from contest import Skip
from processes import run_together

TITLE = "cluster: ten nodes start"
HEADLINES = ["cold_seconds", "warm_seconds"]

NODES = 10
MEGABITS = 100

# Each registry's images, with the MiB of their own layers; behind them the MiB of the layers that all of
# them share, as images of one maker share their base. 600 MiB in all.
IMAGES = {
    "registry.k8s.io": (
        {
            "kube-apiserver": [30, 2],
            "kube-controller-manager": [28, 2],
            "kube-scheduler": [18, 2],
            "kube-proxy": [26, 6],
            "etcd": [58, 4],
            "coredns/coredns": [18],
        },
        [12, 4]),
    "quay.io": (
        {
            "cilium/cilium": [96, 48, 12],
            "cilium/operator": [28],
            "prometheus/node-exporter": [12],
        },
        [30]),
    "docker.io": (
        {
            "library/nginx": [42, 2],
            "library/redis": [24, 2],
            "library/postgres": [64, 4],
        },
        [26]),
}

CASE = "100 Mbit/s"


def measure(bench):
    bench.need("docker-registry")
    for why in (link.why_not(), containerd.why_not()):
        if why:
            raise Skip(why)
    unit = pulls.MIB // 50 if bench.quick else pulls.MIB
    with upstreams.Storage(bench) as storage:
        references, total = _push(storage, unit)
    nodes = _Nodes(references, total)
    bench.parameters = {
        "nodes": NODES, "images": len(references), "bytes": total, "megabits_per_second": MEGABITS,
        "nodes_write_to": "memory" if nodes.are_in_memory else "disk"}
    with link.Lan() as lan, contextlib.ExitStack() as stack:
        stack.enter_context(nodes)
        far, middle = lan.host(MEGABITS), lan.host()
        hosts = [lan.host() for _ in range(NODES)]
        upstream = pulls.running(stack, servers.docker_registry(
            bench.folder(), storage=storage.path, within=far.within, host=far.address))
        origin = upstream.url[:-4]

        def started(contestant, folder):
            if contestant == "weir":
                return servers.weir(
                    bench.root, folder, {registry: origin for registry in IMAGES},
                    within=middle.within, host=middle.address)
            return servers.docker_registry(folder, origin, within=middle.within, host=middle.address)

        def without_cache(hosts):
            seconds, cpu = nodes.fetch(hosts, origin)
            # The second time is like the first.
            return {"cold_seconds": seconds, "warm_seconds": seconds, "nodes_cpu_seconds": cpu}

        def once(_, contestant, _warm_up):
            if contestant == "one node":
                return without_cache(hosts[:1])
            if contestant == "direct":
                return without_cache(hosts)
            folder = bench.folder()
            with started(contestant, folder) as cache:
                cache.await_answer()
                sent = upstreams.sent_bytes(upstream.log)
                before = cache.cpu_seconds()
                cold, _ = nodes.fetch(hosts, cache.url[:-4])
                time.sleep(1)  # what is done after the nodes have left counts too
                measured = {
                    "cold_seconds": cold,
                    "upstream_bytes_per_image_byte": (upstreams.sent_bytes(upstream.log) - sent) / total,
                    "cpu_seconds": cache.cpu_seconds() - before,
                }
                before = cache.cpu_seconds()
                warm, cpu = nodes.fetch(hosts, cache.url[:-4])
                measured.update({
                    "warm_seconds": warm,
                    "warm_cpu_seconds": cache.cpu_seconds() - before,
                    # What the time cannot be less than, on so many cores.
                    "nodes_cpu_seconds": cpu,
                })
                measured["peak_resident_mib"] = cache.peak_bytes() / pulls.MIB
            shutil.rmtree(folder)
            os.sync()
            return measured

        bench.contest(
            [CASE], ["one node", "weir", "direct", "docker-registry"], once,
            # Ten times the bytes and more: each takes ten minutes.
            rounds={"direct": 1, "docker-registry": 1})
    bench.at_most(CASE, "cold_seconds", "weir", 1.15, "one node")
    bench.at_least(CASE, "warm_seconds", "one node", 10, "weir")
    bench.at_least(CASE, "warm_seconds", "direct", 10, "weir")


def _push(storage, unit):
    """Fills the upstream. Returns what the nodes fetch, and the bytes of it, each layer counted once."""
    references = []
    total = 0
    for registry, (own, shared) in IMAGES.items():
        base = [storage.push_shared(mib * unit, list(own)) for mib in shared]
        total -= (len(own) - 1) * sum(layer.size for layer in base)
        for repository, layers in own.items():
            pushed = base + [storage.push_shared(mib * unit, [repository]) for mib in layers]
            total += storage.push_image_of("v1", pushed, repository)
            references.append(f"{registry}/{repository}:v1")
    return references, total


class _Nodes:
    """The folders of the nodes: in memory where there is enough, for ten nodes have ten disks and here is one."""

    def __init__(self, references, total):
        self._references = references
        memory = pathlib.Path("/dev/shm")
        room = min(shutil.disk_usage(memory).free, machine.free_memory_bytes() // 2) if memory.is_dir() else 0
        self.are_in_memory = room > 1.25 * NODES * total
        self._parent = memory if self.are_in_memory else None

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir=self._parent))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self._folder, ignore_errors=True)

    def fetch(self, hosts, url):
        """Fetches all images, on each host one after the other, as a kubelet does.

        Returns the last host's seconds, and those of the CPU that all took, ctr's and containerd's.
        """
        with contextlib.ExitStack() as stack:
            nodes = [
                stack.enter_context(containerd.Node(self._folder / str(i), host.within))
                for i, host in enumerate(hosts)]
            for node in nodes:
                node.await_answer()
                for registry in IMAGES:
                    node.mirror(registry, url)
            before = _children_cpu_seconds() + sum(node.cpu_seconds() for node in nodes)
            seconds = run_together([node.fetch_command(*self._references) for node in nodes])
            return seconds, _children_cpu_seconds() + sum(node.cpu_seconds() for node in nodes) - before


def _children_cpu_seconds():
    """Of all programs that have run to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
