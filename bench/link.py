"""A slow link: two network namespaces of our own, with a cable between them that a token bucket shapes."""

import shutil
import subprocess
import time
import os

from processes import DIE_WITH_PARENT, BenchError

# The range that RFC 2544 sets aside for benchmarks; it is seen in these namespaces only.
FAR = "198.18.0.1"
NEAR = "198.18.0.2"


def why_not():
    """What is missing for a link, or None."""
    if os.geteuid() != 0:
        return "not root"
    missing = [program for program in ("unshare", "nsenter", "ip", "tc") if not shutil.which(program)]
    return f"{' and '.join(missing)} missing" if missing else None


class Link:
    """Two namespaces. What the far one sends to the near one is shaped; back it is not.

    Neither has a name: they vanish with the processes that hold them, whatever happens to this one.
    """

    def __init__(self, megabits):
        self._holders = []
        try:
            self._near, self._far = self._hold(), self._hold()
            self._set_up(megabits)
        except BaseException:
            self.close()
            raise

    def _hold(self):
        holder = subprocess.Popen(
            DIE_WITH_PARENT + ["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self._holders.append(holder)
        here = os.readlink("/proc/self/ns/net")
        for _ in range(1000):
            if os.readlink(f"/proc/{holder.pid}/ns/net") != here:
                return holder.pid
            time.sleep(0.002)
        raise BenchError("no network namespace could be made")

    def _set_up(self, megabits):
        self._run(self.near, "ip link add cable type veth peer name cable netns".split() + [str(self._far)])
        for within, address in ((self.near, NEAR), (self.far, FAR)):
            self._run(within, "ip link set lo up".split())
            self._run(within, f"ip address add {address}/30 dev cable".split())
            self._run(within, "ip link set cable up".split())
        shape = f"tc qdisc add dev cable root tbf rate {megabits}mbit burst 256kb latency 20ms"
        self._run(self.far, shape.split())

    @staticmethod
    def _run(within, command):
        done = subprocess.run(within + command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")

    @property
    def near(self):
        """Before a command: runs it on the near side, where clients and caches are."""
        return ["nsenter", f"--net=/proc/{self._near}/ns/net"]

    @property
    def far(self):
        """Before a command: runs it on the far side, where the upstream is."""
        return ["nsenter", f"--net=/proc/{self._far}/ns/net"]

    def close(self):
        for holder in self._holders:
            holder.kill()
            holder.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
