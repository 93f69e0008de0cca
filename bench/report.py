"""What came of a measurement: one JSON file for each scenario, and one page for all."""

import json
import statistics

import plot

# How a metric is called on the page, and with how many digits it is shown.
METRICS = {
    "nanoseconds_per_call": ("ns a call", 1),
    "bytes_per_call": ("bytes allocated a call", 0),
    "requests_per_second": ("requests/s", 0),
    "cpu_microseconds_per_request": ("CPU µs/request", 1),
    "p99_milliseconds": ("p99 ms", 2),
    "client_cpu_share": ("client's CPU, of one core", 2),
    "logged_share": ("answers logged", 2),
    "cpu_seconds_per_gib": ("CPU s/GiB", 3),
    "upstream_cpu_seconds_per_gib": ("upstream's CPU s/GiB", 2),
    "gib_per_second": ("GiB/s", 2),
    "resident_mib": ("resident MiB", 0),
    "peak_resident_mib": ("peak resident MiB", 0),
    "clients_answered": ("clients answered", 0),
    "resident_mib_per_minute": ("growth, MiB/min", 1),
    "mib_per_second": ("MiB/s", 1),
    "seconds": ("seconds", 3),
    "milliseconds_per_blob": ("ms a blob", 3),
    "cpu_milliseconds_per_blob": ("CPU ms a blob", 3),
    "cold_seconds": ("seconds cold", 2),
    "warm_seconds": ("seconds warm", 2),
    "cpu_seconds": ("CPU s", 2),
    "warm_cpu_seconds": ("CPU s warm", 2),
    "nodes_cpu_seconds": ("nodes' CPU s warm", 1),
    "upstream_bytes_per_image_byte": ("bytes from upstream / image", 2),
    "distance_cpu_share": ("distance's CPU, of one core", 2),
    "first_byte_milliseconds": ("first byte ms", 1),
    "first_answer_milliseconds": ("first answer ms", 0),
    "cpu_milliseconds": ("CPU ms", 0),
    "idle_resident_mib": ("idle resident MiB", 0),
    "idle_cpu_milliseconds_per_second": ("idle CPU ms/s", 1),
}

# The contestants of the summary, as it calls them.
CONTESTANTS = {"weir": "Weir", "docker-registry": "docker-registry", "nginx": "nginx", "direct": "no cache"}

# All contestants, in the order of their colours.
COLORED = [*CONTESTANTS, "distribution", "nginx-cache", "hello", "one node", "silent"]

# Between these lines of a page stands the summary.
SUMMARY_BEGINS = "<!-- summary: written by script/bench -->"
SUMMARY_ENDS = "<!-- end of the summary -->"


def _summary(values):
    return {
        "median": statistics.median(values), "min": min(values), "max": max(values), "values": values}


def _judged(target, values):
    """The value, or what each round's two values give, for these were measured within the same minute."""
    case = values[target["case"]]
    over = case[target["over"]][target["metric"]]
    if target["kind"] == "value":
        found = over
    else:
        under = case[target["under"]][target["under_metric"]]
        of = (lambda a, b: a / b) if target["kind"] == "ratio" else (lambda a, b: a - b)
        found = [of(a, b) for a, b in zip(over, under)]
    judged = _summary(found)
    met = judged["median"] >= target["limit"] if target["at_least"] else judged["median"] <= target["limit"]
    return {**target, **judged, "met": met}


def result(scenario, bench, description, machine, load):
    """All there is to know of one scenario's measurement, as plain data."""
    return {
        "scenario": scenario,
        "description": description,
        "machine": machine,
        "load": load,
        "rounds": bench.rounds,
        "quick": bench.quick,
        "parameters": bench.parameters,
        "skipped": bench.skipped,
        "measurements": {
            case: {
                contestant: {name: _summary(values) for name, values in metrics.items()}
                for contestant, metrics in contestants.items()
            }
            for case, contestants in bench.values.items()
        },
        "targets": [_judged(target, bench.values) for target in bench.targets],
        "curves": bench.curves,
        "traces": bench.traces,
    }


def write(folder, measured):
    """Writes one scenario's file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(measured, indent=2, ensure_ascii=False)
    (folder / f"{measured['scenario']}.json").write_text(text + "\n")


def write_pages(folder, scenarios, manual=None):
    """Writes the page of all results that are there, and their summary into the manual's page.

    scenarios: each one's module by its name, in the order of the page
    """
    results = [
        json.loads((folder / f"{scenario}.json").read_text())
        for scenario in scenarios
        if (folder / f"{scenario}.json").exists()
    ]
    for measured in results:
        for name, drawing in _plots(measured, scenarios[measured["scenario"]]).items():
            (folder / name).write_text(drawing)
    (folder / "README.md").write_text(page(results, scenarios))
    if manual is not None:
        before, rest = manual.read_text().split(SUMMARY_BEGINS)
        after = rest.split(SUMMARY_ENDS)[1]
        lines = [SUMMARY_BEGINS, "", *summary(results, scenarios), "", SUMMARY_ENDS]
        manual.write_text(before + "\n".join(lines) + after)


def rounds(count):
    return "1 round" if count == 1 else f"{count} rounds"


def _shown(metric, summary):
    digits = METRICS[metric][1]
    median, least, most = (f"{summary[key]:,.{digits}f}" for key in ("median", "min", "max"))
    return f"{median} ({least}–{most})"


def _row(cells):
    return "| " + " | ".join(cells) + " |"


def page(results, scenarios):
    """The results as Markdown."""
    lines = [
        "# Results",
        "",
        "<!-- Written by script/bench from the JSON files beside it. -->",
        "",
        "Medians of the rounds, with the smallest and the largest in brackets. What the numbers mean is in",
        "[docs/performance.md](../../docs/performance.md).",
    ]
    lines += ["", *summary(results, scenarios)]
    for measured in results:
        lines += _section(measured, scenarios[measured["scenario"]])
    return "\n".join(lines) + "\n"


def summary(results, scenarios):
    """One table of what matters most, with a row for each case."""
    lines = [
        _row(["", "", *CONTESTANTS.values(), "Weir's result", "wanted"]),
        _row(["---", "---"] + ["---:"] * (len(CONTESTANTS) + 2)),
    ]
    for measured in results:
        for case, contestants in measured["measurements"].items():
            for metric in scenarios[measured["scenario"]].HEADLINES:
                if any(metric in metrics for metrics in contestants.values()):
                    lines += [_summary_row(measured, case, contestants, metric)]
    if results:
        loads = [measured["load"]["before"] for measured in results]
        dates = sorted({measured["machine"]["date"] for measured in results})
        lines += ["", f"Measured {' to '.join(sorted({dates[0], dates[-1]}))} on {results[0]['machine']['cores']} cores;"
                  f" the load before each scenario, from others, was {min(loads):.1f} to {max(loads):.1f}."]
    return lines


def _summary_row(measured, case, contestants, metric):
    cells = [f"{measured['scenario']}, {case}", METRICS[metric][0]]
    for contestant in CONTESTANTS:
        value = contestants.get(contestant, {}).get(metric)
        cells += [_shown(metric, value) if value else ""]
    targets = [
        target for target in measured["targets"]
        if target["case"] == case and target["metric"] == metric and "weir" in (target["over"], target["under"])]
    return _row(cells + [
        "; ".join(_shown_result(target) for target in targets),
        "; ".join(_wanted(target) + ("" if target["met"] else ", **missed**") for target in targets)])


def _wanted(target):
    """What a target asks for, in a few signs."""
    sign = "≥" if target["at_least"] else "≤"
    if target["kind"] == "value":
        return f"{sign} {target['limit']:g}"
    under = CONTESTANTS.get(target["under"], target["under"])
    if target["under_metric"] != target["metric"]:
        under += f" ({METRICS[target['under_metric']][0]})"
    if target["kind"] == "ratio":
        return f"{sign} {target['limit']:g} × {under}"
    return f"{sign} {under} + {target['limit']:g}"


def _shown_result(target):
    digits = 2 if target["kind"] == "ratio" else METRICS[target["metric"]][1]
    median, least, most = (f"{target[key]:,.{digits}f}" for key in ("median", "min", "max"))
    return f"{median} ({least}–{most})"


def _section(measured, scenario):
    lines = ["", f"## {scenario.TITLE}", "", _about(measured), ""]
    for heading, rows in _tables(measured["measurements"]):
        names = list(dict.fromkeys(name for metrics in rows.values() for name in metrics))
        lines += [_row([heading] + [METRICS[name][0] for name in names])]
        lines += [_row(["---"] + ["---:"] * len(names))]
        for row, metrics in rows.items():
            lines += [_row([row] + [
                _shown(name, metrics[name]) if name in metrics else "" for name in names])]
        lines += [""]
    if measured["targets"]:
        lines += [_row(["target", "wanted", "measured", ""]), _row(["---", "---:", "---:", "---"])]
        for target in measured["targets"]:
            lines += [_row([
                f"{METRICS[target['metric']][0]}, {target['case']}: {target['over']}",
                _wanted(target),
                _shown_result(target),
                "met" if target["met"] else "**missed**"])]
        lines += [""]
    lines += [f"![{name}]({name})" for name in _plots(measured, scenario)] + [""]
    lines += [f"Parameters: {_parameters(measured['parameters'])}.", ""]
    lines += [f"Not measured: {skipped}" for skipped in measured["skipped"]]
    while lines[-1] == "":
        lines.pop()
    return lines


def _about(measured):
    machine = measured["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = measured["load"]
    quick = "**A quick run: too short to compare by.** " if measured["quick"] else ""
    return (
        f"{quick}{machine['date']}, {rounds(measured['rounds'])} after one to warm up. {machine['cores']} cores"
        f" ({machine['cpu']}), {machine['memory_gib']} GiB, {machine['filesystem']}, Linux {machine['kernel']}."
        f" {versions}. One-minute load {load['before']:.2f} before and {load['after']:.2f} after.")


def _tables(measurements):
    """A table for each case with a row for each contestant; where one is alone, a table with a row for each case."""
    tables = []
    for case, contestants in measurements.items():
        if len(contestants) > 1:
            tables.append((case, contestants))
            continue
        ((contestant, metrics),) = contestants.items()
        if not tables or tables[-1][0] != contestant or list(metrics) not in map(list, tables[-1][1].values()):
            tables.append((contestant, {}))
        tables[-1][1][case] = metrics
    return tables


def _parameters(parameters):
    """The extent of the measurement: `connections 32, blob bytes (no limit 64, …)`."""
    return ", ".join(
        f"{name.replace('_', ' ')} " + (f"({_parameters(value)})" if isinstance(value, dict) else str(value))
        for name, value in parameters.items())


def _plots(measured, scenario):
    """The drawings of a scenario by file name: bars of its headlines, curves, and what was sampled."""
    drawings = {}
    name = measured["scenario"]
    for metric in scenario.HEADLINES:
        groups = {}
        for case, contestants in measured["measurements"].items():
            group = {contestant: _spread(metrics[metric])
                     for contestant, metrics in contestants.items() if metric in metrics}
            if group:
                groups[case] = group
        if groups:
            drawings[f"{name}-{metric}.svg"] = plot.bars(
                f"{name}: {METRICS[metric][0]}", groups, plot.colors(COLORED))
    for curve in measured["curves"]:
        for metric in curve["metrics"]:
            drawings[f"{name}-{curve['name']}-{metric}.svg"] = _curve(measured, curve, metric)
    for trace in measured["traces"]:
        drawings[f"{name}-{trace['name']}.svg"] = plot.lines(
            f"{trace['title']}: {trace['y_label']}", trace["x_label"], trace["lines"], plot.colors(trace["lines"]))
    return drawings


def _curve(measured, curve, metric):
    points = {}
    for case, x in curve["xs"].items():
        for contestant, metrics in measured["measurements"][case].items():
            if metric in metrics:
                points.setdefault(contestant, []).append((x, *_spread(metrics[metric])))
    return plot.lines(
        f"{curve['title']}: {METRICS[metric][0]}", curve["x_label"], points, plot.colors(COLORED))


def _spread(summary):
    return summary["median"], summary["min"], summary["max"]
