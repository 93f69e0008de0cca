"""What is measured: a module for each scenario.

The module's docstring says what is measured; `measure(bench)` does it, TITLE heads its part of the page, and
HEADLINES are the metrics of the summary.
"""

from . import blob, cdn, cluster, cold, growth, jmh, manifest, observed, stampede, start, streams

# In the order of the page.
ALL = {
    "manifest": manifest,
    "blob": blob,
    "cold": cold,
    "cdn": cdn,
    "stampede": stampede,
    "cluster": cluster,
    "start": start,
    "streams": streams,
    "growth": growth,
    "observed": observed,
    "jmh": jmh,
}
