"""The bare Vert.x server that starts are compared with: on Weir's own jars, with an AOT cache of its own."""

import jdk
from processes import BenchError, Server, free_port

# As Weir is started; what concerns its own heap is left to the JVM.
JVM_OPTIONS = [
    "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]


class Hello:
    """Builds it and trains it in `folder`; it is started as often as one likes."""

    def __init__(self, root, folder, work_folder):
        """
        root: the project, built
        work_folder: gives a new path each time it is called
        """
        folder.mkdir()
        self._folder = folder
        self._work_folder = work_folder
        self._bin = f"{jdk.home(root)}/bin"
        jars = sorted(str(jar) for jar in (root / "target" / "weir" / "lib").glob("*.jar"))
        self._build(root / "bench" / "hello" / "Hello.java", ":".join(jars))
        # The AOT cache takes classes from jars only.
        self._class_path = ":".join([str(folder / "hello.jar"), *jars])
        self._train()

    def _build(self, source, class_path):
        classes = self._folder / "classes"
        jdk.run([f"{self._bin}/javac", "-d", classes, "-cp", class_path, source])
        jdk.run([f"{self._bin}/jar", "--create", "--file", self._folder / "hello.jar", "-C", classes, "."])

    def _train(self):
        """One run with one request; the cache is written at its end."""
        with self._start(f"-XX:AOTCacheOutput={self._cache}") as server:
            server.await_answer()
        if not self._cache.exists():
            raise BenchError(f"the JVM made no AOT cache; see {server.log}")

    @property
    def _cache(self):
        return self._folder / "hello.aot"

    def _start(self, option):
        port = free_port()
        log = self._work_folder()
        command = [f"{self._bin}/java", *JVM_OPTIONS, option, "-cp", self._class_path, "Hello", port]
        return Server("hello", command, log, f"http://127.0.0.1:{port}/")

    def start(self):
        return self._start(f"-XX:AOTCache={self._cache}")


def why_not(root):
    """What is missing for it, or None."""
    return None if (root / "bench" / "hello" / "Hello.java").exists() else "bench/hello/Hello.java is not there"
