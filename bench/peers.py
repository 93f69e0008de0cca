"""Peers that Debian does not have: given by hand, found on the path, or built by Go."""

import os
import re
import shutil
import subprocess

# By name: the program, what its version looks like, and the Go package that it is built from.
PEERS = {
    "distribution": (
        "registry", r"distribution/v3 v3\.", "github.com/distribution/distribution/v3/cmd/registry@v3.0.0"),
}

WHY_NOT_ZOT = "Go's module proxy did not give its module away when this was written, so nobody could try it"

BUILD_SECONDS_MAX = 900


class Missing(Exception):
    """Why a peer is not measured."""


class Peers:
    """Finds each peer once.

    given: paths by name; folder: where programs are built, and found the next time
    """

    def __init__(self, given, folder):
        self._given = given
        self._folder = folder
        self._found = {}

    def find(self, name):
        """The path of the peer's program; raises Missing."""
        if name not in self._found:
            try:
                self._found[name] = self._search(name)
            except Missing as why:
                self._found[name] = why
        if isinstance(self._found[name], Missing):
            raise self._found[name]
        return self._found[name]

    def _search(self, name):
        program, version, package = PEERS[name]
        for candidate in (self._given.get(name), self._folder / program, shutil.which(program)):
            if candidate and shutil.which(str(candidate)) and _says(candidate, version):
                return candidate
        if not shutil.which("go"):
            raise Missing(f"{program} is not on the path nor given with --peer {name}=PATH, and Go is not there")
        return self._build(program, package)

    def _build(self, program, package):
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(
                ["nice", "-n", "10", "go", "install", package],
                env={**os.environ, "GOBIN": str(self._folder)}, cwd=self._folder,
                capture_output=True, text=True, timeout=BUILD_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise Missing(f"{package} was not built within {BUILD_SECONDS_MAX} s") from None
        if done.returncode != 0:
            raise Missing(f"Go could not build {package}: {done.stderr.strip().splitlines()[-1]}")
        return self._folder / program


def _says(program, version):
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    return re.search(version, done.stdout + done.stderr) is not None
