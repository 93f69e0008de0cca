"""containerd, started by hand with folders and a socket of its own, and ctr to fetch with it."""

import shlex
import shutil
import textwrap

from processes import Server, run_client


def why_not():
    """What is missing for it, or None."""
    missing = [program for program in ("containerd", "ctr") if not shutil.which(program)]
    return f"{' and '.join(missing)} missing" if missing else None


class Node:
    """One containerd. It stores and does not unpack: no snapshots, no CRI."""

    def __init__(self, folder, within=()):
        folder.mkdir()
        self._folder = folder
        self._within = list(within)
        self._socket = folder / "socket"
        (folder / "config.toml").write_text(textwrap.dedent(f"""\
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = [
              "io.containerd.grpc.v1.cri",
              "io.containerd.internal.v1.opt",
              "io.containerd.snapshotter.v1.aufs",
              "io.containerd.snapshotter.v1.btrfs",
              "io.containerd.snapshotter.v1.devmapper",
              "io.containerd.snapshotter.v1.zfs",
            ]
            [grpc]
              address = "{self._socket}"
            [ttrpc]
              address = "{self._socket}.ttrpc"
            """))
        self._server = Server(
            "containerd", ["containerd", "--config", folder / "config.toml"], folder / "log", None, within)

    def await_answer(self):
        self._server.await_that(self._socket.exists)
        run_client(self.ctr("version"), self._within)

    def ctr(self, *arguments):
        return ["ctr", "--address", self._socket, "--namespace", "bench", *arguments]

    def mirror(self, registry, url):
        """From now on what is fetched from a registry comes from `url`, and from nowhere else."""
        hosts = self._folder / "hosts" / registry
        hosts.mkdir(parents=True, exist_ok=True)
        (hosts / "hosts.toml").write_text(
            f'server = "{url}"\n[host."{url}"]\n  capabilities = ["pull", "resolve"]\n')

    def fetch_command(self, *references):
        """The command that fetches all content of images, one after the other."""
        fetch = self.ctr("content", "fetch", "--hosts-dir", self._folder / "hosts")
        words = " ".join(shlex.quote(str(word)) for word in fetch)
        return self._within + ["sh", "-ec", "; ".join(f"{words} {shlex.quote(name)}" for name in references)]

    def cpu_seconds(self):
        """What containerd has used of the CPU."""
        return self._server.cpu_seconds()

    def close(self):
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
