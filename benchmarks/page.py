"""docs/reference/benchmarks.md, from what the last runs kept."""

import json
from pathlib import Path
from typing import Any

from benchmarks.reporting import OUTPUT

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
ORDER = ("filling", "scoring", "starting", "assessment", "audit")
TITLES = {
    "filling": "Many people filling in at once",
    "scoring": "Scoring questionnaires",
    "starting": "Starting again",
    "assessment": "Judging patients",
    "audit": "What the audit trail costs",
}
WORDS = {
    "filling": (
        "`openkap serve` with its own PostgreSQL, on the disk and with its settings in use. Each person "
        "opens their link, says their birth date, loads the files of the page, packed as browsers ask for "
        "them, and fills in PHQ-9, GAD-7 and ASQ: all questions of a form come at once, every answer is "
        "sent as it is tapped, and the form is handed in. 'As "
        "people do': 2 to 4 seconds for each answer; 'as fast as it goes': none. The patients are a process"
        " of its own on the same machine, so what they cost is in the figures. Afterwards the database is "
        "asked for every answer that was acknowledged. `python -m benchmarks.filling`"
    ),
    "scoring": (
        "One response at a time, as the product scores: every answer checked against what was offered, "
        "questions that were not put, missing answers by the form's rule, parts, band, outcome, safety "
        "answers. Beside it the least that could be done: NumPy adding up a matrix whose answers are taken "
        "on trust; it gives the same totals. Nothing in the product scores so many at once that it would "
        "need that. `python -m benchmarks.scoring`"
    ),
    "starting": (
        "`openkap serve` on a home that exists, from the command to the line that says it is ready; the same "
        "run measures what no start can be faster than. `python -m benchmarks.starting`"
    ),
    "assessment": (
        "Synthetic charts judged by every rule in force, for four treatments in turns, in memory; then charts "
        "in a database, all judged for one treatment by `openkap patients assess --all`, reading every row. "
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
        said = f"{found['rules']} rules; {found['charts']} charts with {found['facts']} facts on average"
        rows = f"; {found['rows']:,} rows in the charts of the database." if "rows" in found else "."
        return ["", said + rows]
    if found["benchmark"] == "scoring":
        said = f"{found['a_second']:,} a second on one core; {found['agree']:,} totals were the same both ways."
        return ["", said]
    if found["benchmark"] == "filling":
        return _filling(found)
    if found["benchmark"] != "audit":
        return []
    said = (
        f"{found['writers']} writers, {found['rounds']} rounds of {found['seconds']:g} s each. Chained beside, "
        f"{found['beside_to_inside']:g} times as many acts are written as with the chain inside. "
        f"Verified afterwards: {found['links']:,} links, {'whole' if found['whole'] else 'NOT whole'}."
    )
    return ["", said]


def _filling(found: dict[str, Any]) -> list[str]:
    """What each round found, and the kinds of request of the last one at the pace of people."""
    lifted = found.get("lifted", 0)
    said = f"Run at a priority {lifted} above the other work on the machine." if lifted > 0 else ""
    parts = [
        "",
        *([said, ""] if said else []),
        *(_round(number, one, found["people"]) for number, one in enumerate(found["rounds"], 1)),
    ]
    calm = [one for one in found["rounds"] if one["pace"] == "as people do"]
    if not calm:
        return parts
    reached = all(one["every"]["p95"] < found["target"] for one in calm)
    parts += [
        "",
        f"Aimed at: p95 under {found['target']} ms as people do; {'' if reached else 'not '}reached here.",
    ]
    heads = ["", f"Milliseconds by kind of request, the last round of {found['people']} as people do:", ""]
    heads += ["| | requests | p50 | p95 | p99 | longest |", "|---|---|---|---|---|---|"]
    rows = [
        f"| {one['kind']} | {one['count']:,} | {one['p50']} | {one['p95']} | {one['p99']} | {one['longest']} |"
        for one in calm[-1]["kinds"]
    ]
    return [*parts, *heads, *rows]


def _round(number: int, one: dict[str, Any], people: int) -> str:
    verdict = one["verdict"]
    lost = sum(len(verdict[name]) for name in ("lost", "missing", "wrong", "unaudited"))
    busy = ", ".join(f"{part} {share}" for part, share in one["cores"].items())
    return (
        f"{number}. {people} {one['pace']}: load {one['load']} before, {one['every']['count']:,} requests in "
        f"{one['seconds']:,} s, {len(one['errors'])} errors; {verdict['answers']:,} answers acknowledged and "
        f"{verdict['responses']:,} forms handed in, {lost or 'nothing'} lost, missing, wrongly scored or "
        f"not in the trail. Cores busy: {busy}."
    )
