"""One scenario's measurement: who is measured in which order, what came of it, and what is wanted."""

import shutil
import sys


class Skip(Exception):
    """Why a scenario, or a part of it, is not measured here."""


class Bench:
    """What the scenarios share: a folder of their own, the extent of the measurement, and what came of it."""

    def __init__(self, root, work, rounds, quick):
        self.root = root
        self.work = work
        self.rounds = rounds
        self.quick = quick
        self.parameters = {}
        self.values = {}
        self.targets = []
        self.skipped = []
        self._folders = 0

    def folder(self):
        self._folders += 1
        return self.work / f"{self._folders}"

    def say(self, text):
        print(f"script/bench: {text}", file=sys.stderr, flush=True)

    def skip(self, what, why):
        self.say(f"SKIPPED {what}: {why}")
        self.skipped.append(f"{what}: {why}")

    def missing(self, program):
        """Why a program cannot be run, or None."""
        return None if shutil.which(program) else f"{program} is not installed"

    def need(self, *programs):
        """Skips the scenario where a program is missing."""
        for program in programs:
            why = self.missing(program)
            if why:
                raise Skip(why)

    def with_nginx(self, contestants):
        """The contestants, and nginx where it is installed."""
        why = self.missing("nginx")
        if why:
            self.skip("the comparison with nginx", why)
            return contestants
        return contestants + ["nginx"]

    def contest(self, cases, contestants, measure):
        """Measures each contestant in each case in each round, the first to begin being another one each time.

        The first round warms up and is forgotten. measure(case, contestant, warm_up) gives values by name.
        """
        for case in cases:
            self.values[str(case)] = {contestant: {} for contestant in contestants}
        for round_number in range(self.rounds + 1):
            warm_up = round_number == 0
            shift = round_number % len(contestants)
            for case in cases:
                for contestant in contestants[shift:] + contestants[:shift]:
                    measured = measure(case, contestant, warm_up)
                    text = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
                    self.say(f"  {'warm-up' if warm_up else round_number} {case}, {contestant}: {text}")
                    if not warm_up:
                        kept = self.values[str(case)][contestant]
                        for name, value in measured.items():
                            kept.setdefault(name, []).append(value)

    def target(self, case, metric, over, under, limit, at_least=False):
        """States that Weir's median ratio to another is to be within a limit."""
        if {over, under} <= set(self.values.get(str(case), {})):
            self.targets.append({
                "case": str(case), "metric": metric, "ratio": f"{over} / {under}",
                "over": over, "under": under, "limit": limit, "at_least": at_least})
