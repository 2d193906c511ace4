"""docs/reference/benchmarks.md, from what the last runs kept."""

import json
from pathlib import Path
from typing import Any

from benchmarks.reporting import OUTPUT

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
ORDER = ("starting", "assessment", "audit")
TITLES = {
    "starting": "Starting again",
    "assessment": "Judging patients",
    "audit": "What the audit trail costs",
}
WORDS = {
    "starting": (
        "`openkap serve` on a home that exists, from the command to the line that says it is ready; the same "
        "run measures what no start can be faster than. `python -m benchmarks.starting`"
    ),
    "assessment": (
        "Synthetic charts judged by every rule in force, for four treatments in turns. The charts are in "
        "memory; `openkap patients assess --all` reads them from the database besides. "
        "`python -m benchmarks.assessment`"
    ),
    "audit": (
        "Processes that insert one row per transaction, as fast as they can, on a server set up as "
        "`openkap serve` does it. The last line is the obvious way to chain a trail; it makes writers wait for "
        "each other. "
        "`python -m benchmarks.audit`"
    ),
}
HEAD = """# Benchmarks

`make bench` measures; `python -m benchmarks --write` makes this page from the run. Figures of one machine say
little about another; ratios within one run say more. Each line is the median of its rounds with the range.

The engine of the pharmacokinetic models has [a page of its own](pk-performance.md).
`python -m benchmarks live_path` measures the way of an entry from one screen to another.
"""
BUSY = " **The machine was busy with other work: take no figure for what it can do.**"


def write() -> None:
    """Write the page. Leaves out what was never measured here."""
    parts = [_part(json.loads(path.read_text(encoding="utf-8"))) for path in _kept()]
    PAGE.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def _kept() -> list[Path]:
    return [path for name in ORDER if (path := OUTPUT / f"{name}.json").exists()]


def _part(found: dict[str, Any]) -> str:
    name, under = found["benchmark"], found["conditions"]
    when = (
        f"{under['date']}, {under['cores']} cores ({under['processor']}), Python {under['python']}, "
        f"load {under['load_before']} when it began.{BUSY if under['busy'] else ''}"
    )
    heads = ["| | median | range | unit | of the first line |", "|---|---|---|---|---|"]
    rows = [
        f"| {line['what']} | {line['median']:,} | {line['lowest']:,} to {line['highest']:,} | {line['unit']} "
        f"| {_ratio(line['ratio'])} |"
        for line in found["lines"]
    ]
    parts = [f"## {TITLES[name]}", "", WORDS[name], "", when, "", *heads, *rows, *_more(found), ""]
    return "\n".join(parts)


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _more(found: dict[str, Any]) -> list[str]:
    if found["benchmark"] == "assessment":
        return ["", f"{found['rules']} rules; {found['charts']} charts with {found['facts']} facts on average."]
    if found["benchmark"] != "audit":
        return []
    said = (
        f"{found['writers']} writers, {found['rounds']} rounds of {found['seconds']:g} s each. Chained beside, "
        f"{found['beside_to_inside']:g} times as many acts are written as with the chain inside. "
        f"Verified afterwards: {found['links']:,} links, {'whole' if found['whole'] else 'NOT whole'}."
    )
    return ["", said]
