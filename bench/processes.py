"""Child processes: started, measured by their CPU clocks, stopped by their number, also on the way out."""

import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

# The kernel ends a child when this program dies, however it dies.
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30

OPEN_FILES = 16384

# Where what is asked for is a manifest, docker-registry wants it to be named.
ANY_MANIFEST = "application/vnd.oci.image.manifest.v1+json, */*"


class BenchError(Exception):
    """What ends the benchmark: its message is for people."""


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def without_proxies():
    """The environment, less what would send requests elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


def _trusting_anyone():
    """For TLS to servers whose certificates were made here a moment ago."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _children(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            yield from (int(child) for child in (task / "children").read_text().split())


def _tree(pid):
    yield pid
    with contextlib.suppress(OSError):
        for child in list(_children(pid)):
            yield from _tree(child)


def _cpu_clock(pid):
    """The number of the clock that counts what a process, all its threads, has used of the CPU."""
    return (~pid << 3) | 2


class Server:
    """A server that runs until it is closed. Its standard output and error go to one file."""

    def __init__(self, name, command, log, url, within=()):
        """
        url: what answers when it is up, with any status below 500; None if await_that is used
        within: the words before a command that run it in another network namespace
        """
        self.name = name
        self.log = log
        self.url = url
        self._within = list(within)
        with open(log, "ab") as sink:
            self.started_at = time.perf_counter()
            self._process = subprocess.Popen(
                DIE_WITH_PARENT + self._within + [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=without_proxies(),
            )

    @property
    def pid(self):
        return self._process.pid

    def await_answer(self):
        """Waits until it answers; returns the seconds since it was started."""
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=_trusting_anyone()))
        return self.await_that(lambda: self._answers(opener))

    def await_that(self, is_ready):
        """Waits until it is ready; returns the seconds since it was started."""
        while True:
            if self._process.poll() is not None:
                raise BenchError(f"{self.name} ended at once; the end of its log:\n{self._last_lines()}")
            if time.perf_counter() - self.started_at > START_SECONDS_MAX:
                raise BenchError(f"{self.name} does not get ready ({self.url})\n{self._last_lines()}")
            if is_ready():
                return time.perf_counter() - self.started_at
            time.sleep(0.002)

    def _answers(self, opener):
        try:
            if self._within:
                self._ask_within()
            else:
                opener.open(urllib.request.Request(self.url, headers={"Accept": ANY_MANIFEST}), timeout=5).close()
            return True
        except urllib.error.HTTPError as e:
            return e.code < 500
        except (OSError, subprocess.CalledProcessError):
            return False

    def _ask_within(self):
        ask = "import sys, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=5)"
        subprocess.run(
            self._within + [sys.executable, "-c", ask, self.url], check=True, capture_output=True)

    def _last_lines(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    def cpu_seconds(self):
        """User and system time of the process and its living descendants, so far."""
        total = 0.0
        for pid in _tree(self.pid):
            with contextlib.suppress(OSError):
                total += time.clock_gettime(_cpu_clock(pid))
        return total

    def resident_bytes(self):
        """What the process and its descendants have in memory; shared pages count for each."""
        return self._memory("VmRSS:")

    def peak_bytes(self):
        """The most that the process and its descendants had in memory, each at its own time, since the last reset."""
        return self._memory("VmHWM:")

    def reset_peak(self):
        """Counts the peak from here on."""
        for pid in _tree(self.pid):
            with contextlib.suppress(OSError):
                pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _memory(self, field):
        total = 0
        for pid in _tree(self.pid):
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith(field):
                        total += int(line.split()[1]) << 10
        return total

    def forget_log(self):
        """Empties the log, so that a long run does not fill the disk."""
        os.truncate(self.log, 0)

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class MemoryTrace:
    """What a server has in memory, twice a second while this is open: pairs of seconds and bytes."""

    def __init__(self, server):
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.samples = []

    def _sample(self):
        begin = time.perf_counter()
        while not self._ended.wait(0.5):
            self.samples.append((time.perf_counter() - begin, self._server.resident_bytes()))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def bytes_per_second(self):
        """How fast it grows: the slope of the straight line nearest to all samples but the first third."""
        samples = self.samples[len(self.samples) // 3:]
        x_mean = statistics.fmean(x for x, _ in samples)
        y_mean = statistics.fmean(y for _, y in samples)
        spread = sum((x - x_mean) ** 2 for x, _ in samples)
        return sum((x - x_mean) * (y - y_mean) for x, y in samples) / spread if spread else 0.0


class Usage:
    """What a client did: its standard output, the time it took, the CPU it used."""

    def __init__(self, output, seconds, cpu_seconds):
        self.output = output
        self.seconds = seconds
        self.cpu_seconds = cpu_seconds

    def json(self):
        return json.loads(self.output)


def run_client(command, within=()):
    """Runs a program to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(
        DIE_WITH_PARENT + list(within) + [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=without_proxies(),
        text=True,
    )
    try:
        output = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        process.stdout.close()
    if process.returncode != 0:
        raise BenchError(f"{command[0]} failed with status {process.returncode}: {output}")
    return Usage(output, time.perf_counter() - start, used.ru_utime + used.ru_stime)


def run_together(commands):
    """Runs programs at once; returns the seconds until the last has ended."""
    begin = time.perf_counter()
    running = []
    try:
        for command in commands:
            running.append(subprocess.Popen(
                DIE_WITH_PARENT + [str(word) for word in command],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=without_proxies()))
        for process in running:
            errors = process.communicate()[1]
            if process.returncode != 0:
                raise BenchError(f"{process.args} failed: {errors.decode(errors='replace')[-500:]}")
        return time.perf_counter() - begin
    finally:
        for process in running:
            process.kill()
            process.wait()


def allow_many_files():
    """Lets this program and its children have thousands of connections, as far as the system does."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = OPEN_FILES if limit == resource.RLIM_INFINITY else min(OPEN_FILES, limit)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, limit))


def exit_on_signals():
    """Makes a signal an exception, so that everything that is open is closed."""

    def leave(number, _):
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
