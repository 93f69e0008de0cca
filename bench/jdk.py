"""The JDK that Weir is built with, and the classes of its tests."""

import os
import subprocess

from processes import BenchError


def home(root):
    """Where the JDK is."""
    return run(["sh", root / "script" / "find-java", "javac"]).strip()


def run(command, environment=None):
    """Runs a program of the build to its end; returns what it printed."""
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **(environment or {})}, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{command[0]} failed: {(done.stdout + done.stderr).strip()[-500:]}")
    return done.stdout


class Tests:
    """The classes of the tests, compiled, and what they need."""

    def __init__(self, root, scratch):
        """scratch: a file that may be written"""
        self._java = f"{home(root)}/bin/java"
        run(
            ["mvn", "-q", "-B", "-f", root / "pom.xml", "-Dspotless.check.skip=true", "test-compile",
             "dependency:build-classpath", "-Dmdep.includeScope=test", f"-Dmdep.outputFile={scratch}"],
            {"JAVA_HOME": home(root)})
        self._class_path = f"{root}/target/test-classes:{root}/target/classes:{scratch.read_text().strip()}"

    def java(self, *arguments):
        """Runs a class or a single source file."""
        return run([self._java, "--enable-native-access=ALL-UNNAMED", "-cp", self._class_path, *arguments])
