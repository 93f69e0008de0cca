"""The few hot functions, each by itself, with JMH: time and memory."""

import json

import jdk

TITLE = "jmh: the hot functions"
HEADLINES = []


def measure(bench):
    bench.need("mvn")
    results = bench.folder()
    warm_ups, iterations, length = (1, 2, "300ms") if bench.quick else (5, 3, "1s")
    extent = ["-wi", warm_ups, "-w", length, "-i", iterations, "-r", length]
    bench.parameters = {"forks": bench.rounds, "options": " ".join(map(str, extent))}
    jdk.Tests(bench.root, bench.folder()).java(
        "org.openjdk.jmh.Main", "-f", bench.rounds, *extent, "-prof", "gc", "-foe", "true",
        "-rf", "json", "-rff", results)
    for measured in json.loads(results.read_text()):
        bench.values[_name(measured)] = {"weir": {
            "nanoseconds_per_call": _values(measured["primaryMetric"]),
            "bytes_per_call": _values(measured["secondaryMetrics"]["gc.alloc.rate.norm"]),
        }}
        bench.say(f"  {_name(measured)}: {measured['primaryMetric']['score']:.1f} ns")


def _name(measured):
    """`RequestBenchmark.path /v2/…`"""
    function = ".".join(measured["benchmark"].split(".")[-2:])
    return " ".join([function.replace("Benchmark", ""), *measured.get("params", {}).values()])


def _values(metric):
    """All iterations of all forks."""
    return [value for fork in metric["rawData"] for value in fork]
