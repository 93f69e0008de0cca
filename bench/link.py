"""Networks of our own, in namespaces: a slow link between two, that a token bucket shapes, and a bridge for many."""

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


class _Namespaces:
    """Network namespaces without names: they vanish with the processes that hold them, whatever happens to this one."""

    def __init__(self):
        self._holders = []

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

    @staticmethod
    def _within(holder):
        """Before a command: runs it in the namespace."""
        return ["nsenter", f"--net=/proc/{holder}/ns/net"]

    def _run(self, holder, command):
        done = subprocess.run(self._within(holder) + command.split(), capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{command}: {done.stderr.strip()}")

    def _shape(self, holder, device, megabits):
        """Holds what a device sends to a rate."""
        self._run(holder, f"tc qdisc add dev {device} root tbf rate {megabits}mbit burst 256kb latency 20ms")

    def close(self):
        for holder in self._holders:
            holder.kill()
            holder.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Link(_Namespaces):
    """Two namespaces. What the far one sends to the near one is shaped; back it is not."""

    def __init__(self, megabits):
        super().__init__()
        try:
            self._near, self._far = self._hold(), self._hold()
            self._set_up(megabits)
        except BaseException:
            self.close()
            raise

    def _set_up(self, megabits):
        self._run(self._near, f"ip link add cable type veth peer name cable netns {self._far}")
        for holder, address in ((self._near, NEAR), (self._far, FAR)):
            self._run(holder, "ip link set lo up")
            self._run(holder, f"ip address add {address}/30 dev cable")
            self._run(holder, "ip link set cable up")
        self._shape(self._far, "cable", megabits)

    @property
    def near(self):
        """Before a command: runs it on the near side, where clients and caches are."""
        return self._within(self._near)

    @property
    def far(self):
        """Before a command: runs it on the far side, where the upstream is."""
        return self._within(self._far)


class Host:
    """A namespace on a Lan: its address, and the words before a command that run it there."""

    def __init__(self, address, within):
        self.address = address
        self.within = within


class Lan(_Namespaces):
    """Namespaces on one bridge, which has a namespace of its own."""

    def __init__(self):
        super().__init__()
        self._count = 0
        try:
            self._switch = self._hold()
            self._run(self._switch, "ip link add bridge type bridge")
            self._run(self._switch, "ip link set bridge up")
        except BaseException:
            self.close()
            raise

    def host(self, megabits=None):
        """One more host. megabits: what it sends is held to this rate."""
        holder = self._hold()
        self._count += 1
        address = f"198.18.1.{self._count}"
        port = f"port{self._count}"
        self._run(self._switch, f"ip link add {port} type veth peer name cable netns {holder}")
        self._run(self._switch, f"ip link set {port} master bridge up")
        self._run(holder, "ip link set lo up")
        self._run(holder, f"ip address add {address}/24 dev cable")
        self._run(holder, "ip link set cable up")
        if megabits:
            self._shape(holder, "cable", megabits)
        return Host(address, self._within(holder))
