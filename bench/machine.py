"""What the measurement was made on: whatever changes the numbers, and nothing that names the machine."""

import datetime
import os
import pathlib
import platform
import re
import shutil
import subprocess


def _first_line(command, pattern=r"\S*\d+\.\d+\S*"):
    if not shutil.which(str(command[0])):
        return None
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(0) if found else None


def _cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_bytes(field):
    return int(re.search(rf"{field}:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) << 10


def free_memory_bytes():
    """What programs may still take, without swapping."""
    return _memory_bytes("MemAvailable")


def _filesystem(folder):
    done = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True)
    return done.stdout.split()[-1]


def _commit(root):
    done = subprocess.run(
        ["git", "-C", root, "describe", "--always", "--dirty", "--exclude", "*"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def describe(root, work):
    weir = subprocess.run([root / "weir", "--version"], capture_output=True, text=True).stdout
    version, java = re.search(r"weir (\S+) \(Java (\S+)\)", re.sub(r"\x1b\[\S*?m", "", weir)).groups()
    versions = {
        "Weir": f"{version} ({_commit(root)})",
        "Java": java,
        "docker-registry": _first_line(["docker-registry", "--version"], r"\d+\.\d+\.\d+\S*"),
        "nginx": _first_line(["nginx", "-v"], r"\d+\.\d+\.\d+"),
        "wrk": _first_line(["wrk", "-v"], r"\d+\.\d+\.\d+"),
        "skopeo": _first_line(["skopeo", "--version"], r"\d+\.\d+\.\d+"),
        "containerd": _first_line(["containerd", "--version"], r"\d+\.\d+\.\d+"),
        "OpenSSL": _first_line(["openssl", "version"], r"\d+\.\d+\.\d+"),
        "Python": platform.python_version(),
    }
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(_memory_bytes("MemTotal") / (1 << 30)),
        "filesystem": _filesystem(work),
        "kernel": re.match(r"[\d.]+", platform.release()).group(0).rstrip("."),
        "versions": {name: value for name, value in versions.items() if value},
    }


def load():
    """The load average of the last minute."""
    return os.getloadavg()[0]
