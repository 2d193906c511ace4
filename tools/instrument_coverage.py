"""docs/reference/instrument-coverage.md, from lines the tests keep: `python -m tools.instrument_coverage`."""

from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from openkap import knowledge
from openkap.core.psychometrics import languages_of, reliable_change_points
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.criterion import Criterion, CriterionKind
from openkap.knowledge.schema.instrument import Bands, Instrument, Scoring

ROOT = Path(__file__).parents[1]
LINES = ROOT / "tests" / "reference" / "instrument_coverage.yaml"
PAGE = ROOT / "docs" / "reference" / "instrument-coverage.md"
HEAD = """# What the questionnaires cover

Every line of the review of instruments, the records it became, and what is missing and why. Made by
`python -m tools.instrument_coverage` from `tests/reference/instrument_coverage.yaml`; a test holds that every
record stands here, and is what is written. Sources with page or table, and the licence in its own words, are in
each record and on its page in the library of OpenKAP.

Words are shipped only where the licence lets everybody pass them on and two transcriptions agree word for word.
Else the score of a licensed form is entered, or a site brings a [wording pack](../how-to/license-a-wording.md).

Figures in *italics* were not read in their source: they wait for the medical director's sign-off where they
would claim something. Names of bands are never taken from memory. Reliable change without a figure is called
'not established'. Percent of response counts from a baseline at caseness only.
"""
TABLE = "| record | words | scored | bands | caseness, response, remission | reliable change | LOINC | read |"
HOW = {Scoring.SUM: "sum", Scoring.MEAN: "mean", Scoring.PERCENT: "percent"}


def lines() -> list[dict[str, Any]]:
    """The lines as kept: section, line, records by id with what each is, what is missing, why there is none."""
    found: list[dict[str, Any]] = yaml.safe_load(LINES.read_text(encoding="utf-8"))["lines"]
    return found


def pinned(instrument: Instrument) -> str:
    """What a line says of a record: words, range, cut-offs of bands, parts."""
    lowest, highest = instrument.range.lowest, instrument.range.highest
    said = f"{instrument.wording.value} {f'{lowest:g}-{highest:g}' if instrument.has_total else 'no total'}"
    if instrument.bands:
        said += f", bands {_edges(instrument.bands)}"
    for part in instrument.subscales:
        said += f", {part.id} {part.range.lowest:g}-{part.range.highest:g}"
        said += f" ({_edges(part.bands)})" if part.bands else ""
    return said


def page(on: date) -> str:
    """The whole page, by the records in force on a day, without any site's sign-offs."""
    known = knowledge.load(on)
    parts = [HEAD]
    for section, kept in groupby(lines(), key=lambda line: line["section"]):
        parts.append(f"## {section}\n")
        for line in kept:
            parts += [f"### {line['line']}\n", *_said(line, known), ""]
    counted = len({record for line in lines() for record in line.get("records", {})})
    return "\n".join([*parts, f"{counted} records."]) + "\n"


def _said(line: dict[str, Any], known: KnowledgeSet) -> list[str]:
    said = []
    if "records" in line:
        said += [TABLE, "|---" * TABLE.count(" | ") + "|---|"]
        said += [_row(known.instruments[record], known) for record in line["records"]]
    words = {"missing": "Missing", "elsewhere": "Elsewhere", "not_here": "Not here"}
    notes = [f"{word}: {line[key]}." for key, word in words.items() if key in line]
    return [*said, *([""] if said and notes else []), *notes]


def _row(instrument: Instrument, known: KnowledgeSet) -> str:
    figures = [one for one in known.criteria.values() if one.instrument == instrument.id]
    judged = [one for one in figures if one.kind is not CriterionKind.RELIABLE_CHANGE]
    reliable = [one for one in figures if one.kind is CriterionKind.RELIABLE_CHANGE]
    cells = [
        f"`{instrument.id}`", _words(instrument), _scored(instrument), _bands(instrument),
        ", ".join(map(_figure, judged)) or "none", ", ".join(map(_figure, reliable)) or "not established",
        " / ".join(code for code in (instrument.loinc.panel, instrument.loinc.total) if code) or "none",
        instrument.verification.value,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _words(instrument: Instrument) -> str:
    if not instrument.items:
        return "not shipped"
    holder = instrument.licence_evidence.holder if instrument.licence_evidence else ""
    return f"shipped ({', '.join(languages_of(instrument))}); {holder}"


def _scored(instrument: Instrument) -> str:
    reach = f"{instrument.range.lowest:g} to {instrument.range.highest:g}, {HOW[instrument.scoring]}"
    parts = f"{len(instrument.subscales)} parts" if instrument.subscales else ""
    questions = f"{len(instrument.items)} questions" if instrument.items else ""
    return "; ".join(word for word in (questions, reach if instrument.has_total else "no total", parts) if word)


def _bands(instrument: Instrument) -> str:
    if instrument.bands:
        return _edges(instrument.bands)
    parts = [f"{part.id}: {_edges(part.bands)}" for part in instrument.subscales if part.bands]
    return "; ".join(parts) or "none"


def _edges(bands: Bands) -> str:
    return " ".join(f"{band.at_least:g}" for band in bands.of[1:])


def _figure(criterion: Criterion) -> str:
    points = reliable_change_points(criterion) if criterion.measurement_error else criterion.value
    unit = " %" if criterion.kind is CriterionKind.RESPONSE else ""
    said = f"{criterion.kind.value} {points:g}{unit}"
    return said if criterion.verification.value in {"source", "convention"} else f"*{said}*"


if __name__ == "__main__":
    PAGE.write_text(page(date.today()), encoding="utf-8")  # noqa: DTZ011 - a page of the day it is made on
