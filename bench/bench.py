"""The benchmarks: measures the scenarios that are named, or all, and writes down what came of it."""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import contest
import machine
import report
import scenarios
from peers import PEERS, Peers
from processes import BenchError, allow_many_files, exit_on_signals

ROOT = pathlib.Path(__file__).resolve().parent.parent

BUSY_LOAD = 0.5


def arguments():
    about = "\n".join(f"  {name:10} {scenario.__doc__}" for name, scenario in scenarios.ALL.items())
    parser = argparse.ArgumentParser(
        prog="script/bench",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Weir beside docker-registry and nginx on this machine.",
        epilog=f"scenarios:\n{about}\n\nAll traffic stays on this machine.",
    )
    parser.add_argument("scenario", nargs="*", help="what to measure; all if not said")
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: 5)")
    parser.add_argument("--quick", action="store_true", help="only see that it works: small, 2 rounds")
    parser.add_argument(
        "--work", type=pathlib.Path, default=ROOT / "bench" / "work", help="where 30 GiB may be written for a while")
    parser.add_argument("--results", type=pathlib.Path, help="the folder of the results (default: bench/results)")
    parser.add_argument("--report", action="store_true", help="measure nothing; write the pages anew from the results")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=PATH",
        help=f"where the program of a peer is: {' or '.join(PEERS)}; otherwise it is looked for, or built by Go")
    chosen = parser.parse_args()
    given = dict(peer.partition("=")[::2] for peer in chosen.peer)
    if not all(name in PEERS and path for name, path in given.items()):
        parser.error(f"--peer wants NAME=PATH with a name of {', '.join(PEERS)}")
    unknown = [name for name in chosen.scenario if name not in scenarios.ALL]
    if unknown:
        parser.error(f"no scenario is called {unknown[0]}; there are {', '.join(scenarios.ALL)}")
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds must be 1 or more")
    chosen.scenario = chosen.scenario or list(scenarios.ALL)
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 5)
    chosen.peers = Peers(given, chosen.work / "peers")
    # A quick run does not take the place of a real one.
    chosen.results = chosen.results or (chosen.work if chosen.quick else ROOT / "bench") / "results"
    return chosen


def write_pages(chosen):
    is_real = chosen.results == ROOT / "bench" / "results"
    report.write_pages(chosen.results, scenarios.ALL, ROOT / "docs" / "performance.md" if is_real else None)


def measure(name, chosen):
    scenario = scenarios.ALL[name]
    chosen.work.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=chosen.work))
    try:
        bench = contest.Bench(ROOT, work, chosen.rounds, chosen.quick, chosen.peers)
        before = machine.load()
        if before > BUSY_LOAD:
            bench.say(f"the machine is busy (load {before:.2f}): expect noise")
        bench.say(f"{name}: {report.rounds(chosen.rounds)} after one to warm up")
        try:
            scenario.measure(bench)
        except contest.Skip as why:
            bench.skip(name, str(why))
            return
        load = {"before": before, "after": machine.load()}
        report.write(
            chosen.results, report.result(name, bench, scenario.__doc__, machine.describe(ROOT, work), load))
        write_pages(chosen)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main():
    chosen = arguments()
    exit_on_signals()
    allow_many_files()
    if chosen.report:
        write_pages(chosen)
        return
    # Where Debian has nginx and ip; not on everyone's path.
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    failed = []
    try:
        for name in chosen.scenario:
            try:
                measure(name, chosen)
            except BenchError as e:
                # The others may take hours, and need not be made again.
                print(f"script/bench: {name} FAILED: {e}", file=sys.stderr)
                failed.append(name)
    except KeyboardInterrupt:
        sys.exit(130)
    if failed:
        sys.exit(f"script/bench: failed: {', '.join(failed)}")
    print(f"script/bench: the results are in {os.path.relpath(chosen.results)}", file=sys.stderr)


if __name__ == "__main__":
    main()
