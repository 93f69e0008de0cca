"""Plots as SVG, by hand: bars with their spread, and lines. They follow the reader's light or dark scheme."""

import html
import math

WIDTH = 760
LEFT = 190
RIGHT = 120
ROW = 22
BAR = 14
TICKS_MAX = 6

# Told apart also by those who do not see all colours (after Okabe and Ito).
COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8c8c8c", "#b8860b", "#56b4e9"]

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 14px; font-weight: 600 }
  .quiet { fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .spread { stroke: #24292f; stroke-width: 1.5; fill: none }
  .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d } .spread { stroke: #e6edf3 }
    .back { fill: #0d1117 }
  }
"""

# From so many times the least to the most, an axis counts in powers.
LOGARITHMIC_FROM = 30


class Axis:
    """Where a value is between two ends of a plot."""

    def __init__(self, values, begin, end, from_zero=True):
        least, most = min(values), max(values)
        self._begin, self._end = begin, end
        self.is_logarithmic = least > 0 and most / least >= LOGARITHMIC_FROM
        if self.is_logarithmic:
            self._low, self._high = math.floor(math.log10(least)), math.ceil(math.log10(most))
            step = max(1, math.ceil((self._high - self._low) / TICKS_MAX))
            self.ticks = [10.0 ** power for power in range(self._low, self._high + 1, step)]
        else:
            self._low = 0.0 if from_zero or least < 0 else least
            step = _step((most - self._low) or 1.0)
            self._high = math.ceil(round(most / step, 9)) * step or step
            self._low = math.floor(self._low / step) * step
            count = round((self._high - self._low) / step)
            self.ticks = [self._low + i * step for i in range(count + 1)]

    def at(self, value):
        if self.is_logarithmic:
            value = math.log10(value) if value > 0 else self._low
        share = (value - self._low) / (self._high - self._low)
        return self._begin + max(0.0, share) * (self._end - self._begin)


def _step(extent):
    """A round number of which a few reach over the extent."""
    rough = extent / TICKS_MAX
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def shown(value):
    """A number, as short as it can be understood."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.3g}{unit}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _document(height, title, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-label="{html.escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        _text(16, 24, title, kind="title"),
        *parts,
        "</svg>",
        ""])


def _text(x, y, text, anchor="start", kind=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
            + (f' class="{kind}"' if kind else "") + f">{html.escape(text)}</text>")


def _line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def bars(title, groups, colors):
    """Horizontal bars: `groups` has for each case, for each contestant, (median, least, most)."""
    values = [value for group in groups.values() for summary in group.values() for value in summary]
    rows = sum(len(group) for group in groups.values())
    top, bottom = 44, 44 + rows * ROW + len(groups) * ROW
    axis = Axis(values, LEFT, WIDTH - RIGHT)
    parts = []
    for tick in axis.ticks:
        parts += [_line(axis.at(tick), top, axis.at(tick), bottom, "grid"),
                  _text(axis.at(tick), bottom + 16, shown(tick), "middle", "quiet")]
    y = top
    for case, group in groups.items():
        parts.append(_text(16, y + BAR, case))
        y += ROW
        for contestant, (median, least, most) in group.items():
            length = max(1.0, axis.at(median) - LEFT)
            middle = y + BAR / 2
            parts += [
                _text(LEFT - 8, y + BAR - 3, contestant, "end", "quiet"),
                f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colors[contestant]}"/>',
                _line(axis.at(least), middle, axis.at(most), middle, "spread"),
                _text(max(axis.at(most), LEFT + length) + 6, y + BAR - 3, shown(median))]
            y += ROW
    if axis.is_logarithmic:
        parts.append(_text(WIDTH - 16, 24, "powers of ten", "end", "quiet"))
    return _document(bottom + 28, title, parts)


def lines(title, x_label, curves, colors):
    """Lines: `curves` has for each name its points, (x, y) or (x, y, least, most)."""
    height, top, bottom, left, right = 360, 44, 300, 70, WIDTH - 190
    points = [point for curve in curves.values() for point in curve]
    x_axis = Axis([point[0] for point in points], left, right, from_zero=False)
    y_axis = Axis([value for point in points for value in point[1:]], bottom, top)
    parts = []
    for tick in y_axis.ticks:
        parts += [_line(left, y_axis.at(tick), right, y_axis.at(tick), "grid"),
                  _text(left - 8, y_axis.at(tick) + 4, shown(tick), "end", "quiet")]
    for tick in x_axis.ticks:
        parts += [_line(x_axis.at(tick), bottom, x_axis.at(tick), bottom + 4, "grid"),
                  _text(x_axis.at(tick), bottom + 18, shown(tick), "middle", "quiet")]
    parts.append(_text((left + right) / 2, bottom + 40, x_label, "middle", "quiet"))
    names_at = []
    # From the lowest up, so that a name that has to give way does so upwards, in the lines' order.
    for name, curve in sorted(curves.items(), key=lambda item: item[1][-1][1]):
        path = " ".join(f"{x_axis.at(point[0]):.1f},{y_axis.at(point[1]):.1f}" for point in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colors[name]}" stroke-width="2"/>')
        for point in curve:
            if len(point) == 4:
                x = x_axis.at(point[0])
                parts += [
                    _line(x, y_axis.at(point[2]), x, y_axis.at(point[3]), "spread"),
                    f'<circle cx="{x:.1f}" cy="{y_axis.at(point[1]):.1f}" r="3" fill="{colors[name]}"/>']
        # Beside the line's end, but not over another's name.
        y = y_axis.at(curve[-1][1]) + 4
        while any(abs(y - other) < 14 for other in names_at):
            y -= 14
        names_at.append(y)
        parts.append(
            f'<text x="{right + 10}" y="{y:.1f}" style="fill: {colors[name]}">{html.escape(name)}</text>')
    return _document(height, title, parts)


def colors(names):
    """A colour for each name, the same for the same names in the same order."""
    return {name: COLORS[i % len(COLORS)] for i, name in enumerate(names)}
