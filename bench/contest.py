"""One scenario's measurement: who is measured in which order, what came of it, and what is wanted."""

import shutil
import sys

from peers import Missing


class Skip(Exception):
    """Why a scenario, or a part of it, is not measured here."""


class Bench:
    """What the scenarios share: a folder of their own, the extent of the measurement, and what came of it."""

    def __init__(self, root, work, rounds, quick, peers):
        self.root = root
        self.work = work
        self.rounds = rounds
        self.quick = quick
        self.parameters = {}
        self.values = {}
        self.targets = []
        self.skipped = []
        self.curves = []
        self.traces = []
        self._peers = peers
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

    def peer(self, name):
        """The program of a peer that not everyone has; None, and skipped, where it cannot be had."""
        try:
            return self._peers.find(name)
        except Missing as why:
            self.skip(name, str(why))
            return None

    def contest(self, cases, contestants, measure, rounds=None):
        """Measures each contestant in each case in each round, the first to begin being another one each time.

        The first round warms up and is forgotten. measure(case, contestant, warm_up) gives values by name.
        rounds: for contestants that take too long for all rounds, how many they get; the first ones, without a warm-up
        """
        rounds = rounds or {}
        for case in cases:
            self.values[str(case)] = {contestant: {} for contestant in contestants}
        for contestant, count in rounds.items():
            if contestant in contestants:
                self.parameters.setdefault("fewer_rounds", {})[contestant] = min(count, self.rounds)
        for round_number in range(self.rounds + 1):
            warm_up = round_number == 0
            shift = round_number % len(contestants)
            for case in cases:
                for contestant in contestants[shift:] + contestants[:shift]:
                    if contestant in rounds and not 1 <= round_number <= rounds[contestant]:
                        continue
                    measured = measure(case, contestant, warm_up)
                    text = ", ".join(f"{name} {value:.4g}" for name, value in measured.items())
                    self.say(f"  {'warm-up' if warm_up else round_number} {case}, {contestant}: {text}")
                    if not warm_up:
                        kept = self.values[str(case)][contestant]
                        for name, value in measured.items():
                            kept.setdefault(name, []).append(value)

    def at_most(self, case, metric, over, limit, under=None, under_metric=None):
        """States that the ratio of two contestants is to be no more than a limit; of `over` alone, its value."""
        self._state("ratio" if under else "value", case, metric, over, under, limit, False, under_metric)

    def at_least(self, case, metric, over, limit, under, under_metric=None):
        """States that the ratio of two contestants is to be no less than a limit."""
        self._state("ratio", case, metric, over, under, limit, True, under_metric)

    def at_most_more(self, case, metric, over, limit, under):
        """States that one contestant's value is to be no more than another's and `limit`."""
        self._state("difference", case, metric, over, under, limit, False, None)

    def _state(self, kind, case, metric, over, under, limit, at_least, under_metric):
        measured = self.values.get(str(case), {})
        wanted = [(over, metric)] + ([(under, under_metric or metric)] if under else [])
        if all(name in measured.get(contestant, {}) for contestant, name in wanted):
            self.targets.append({
                "kind": kind, "case": str(case), "metric": metric, "over": over, "under": under,
                "under_metric": under_metric or metric, "limit": limit, "at_least": at_least})

    def curve(self, name, title, x_label, xs, metrics):
        """Asks for plots of metrics over the cases, which are points of one axis: `xs` has each case's place."""
        self.curves.append({"name": name, "title": title, "x_label": x_label, "xs": xs, "metrics": metrics})

    def trace(self, name, title, x_label, y_label, lines):
        """Asks for a plot of what was sampled: `lines` has pairs of numbers by name."""
        self.traces.append({"name": name, "title": title, "x_label": x_label, "y_label": y_label, "lines": lines})
