"""Copies the figures the decision aid uses from the evidence table into knowledge records, one file each.

`python -m tools.evidence_records <table.csv>` writes `src/openkap/knowledge/evidence/`. What the table lacks
stands in `tools/evidence_selection.yaml`. Numbers are copied, never typed again; running it twice gives the
same files.
"""

import csv
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SELECTION = Path(__file__).with_name("evidence_selection.yaml")
RECORDS = Path("src/openkap/knowledge/evidence")
Row = dict[str, Any]
# Words in the table's column of sources by which a figure was read in a restatement, not in its source.
RESTATED = re.compile(r"\bvia\b|summary\)|\bblog\b|second-hand|citation to verify")


def verification_of(row: Row) -> str:
    """How the figure was read: 'source', 'secondary' or 'memory'. Raises `ValueError` on what is unclear."""
    confidence = row["confidence"]
    if confidence.startswith("from memory"):
        return "memory"
    if not confidence.startswith("verified in source"):
        raise ValueError(f"{row['study']}: not a figure that was read: {confidence}")
    return "secondary" if RESTATED.search(row["source"]) else "source"


def interval_of(row: Row, *, dropped: bool) -> Row | None:
    """The interval with how it came about; None when the table has none."""
    if dropped or not row["lo"] or not row["hi"]:
        return None
    derived = "wilson" if "CI=Wilson-derived" in row["confidence"] else "published"
    return {"low": float(row["lo"]), "high": float(row["hi"]), "derived": derived}


class Table:
    """The rows of the table, looked up by what names them. Each name must fit exactly one row."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))

    def row(self, study: str, name: list[str], population: str | None) -> Row:
        keys = ("arm", "measure", "timepoint", "statistic")
        found = [
            row
            for row in self.rows
            if row["study"] == study
            and [row[key] for key in keys] == name
            and population in (None, row["population"])
        ]
        if len(found) != 1:
            raise ValueError(f"{study}: {name} names {len(found)} rows")
        return found[0]


def records(selection: Row, table: Table) -> Iterator[Row]:
    """Every record, in the order of the selection."""
    for study in selection["studies"]:
        for row in study["rows"]:
            yield record(selection, study, row, table)


def record(selection: Row, study: Row, row: Row, table: Table) -> Row:
    """One figure as a knowledge record."""
    both = study | row
    read = _read(study, row, table)
    key, name = str(study["key"]), str(study.get("name", study["study"]))
    days, after_en, after_es = selection["after"][row["after"]]
    arm = selection["arms"][row["arm"]]
    endpoint = row["endpoint"]
    made = {
        "id": f"{key}-{row['id']}",
        "title": _title(name, arm, selection["endpoints"][endpoint], (after_en, after_es)),
        "version": 1,
        "effective_from": date(2026, 1, 1),
        "population": read["population"],
        "sources": [_source(read["citation"], both["locator"])],
        "licence": "facts",
        "verification": row.get("verification", read["verification"]),
        "effect": "permissive",
        "authored_by": "OpenKAP",
        "next_review_on": date(2027, 11, 21),
        "study": name,
        "year": read["year"],
        "who": _who(both["who"], selection),
        "indications": both["in"],
        "stage": _range(both.get("stage")),
        "ages": _range(both.get("ages")),
        "setting": both["setting"],
        "design": both["design"],
        "arm": _text(arm),
        "control": both["control"],
        "control_arm": f"{key}-{row['against']}" if "against" in row else None,
        "n": both.get("n", read["n"]),
        "n_of": both.get("n_of", read.get("n_of", "arm")),
        "measure": both.get("measure", read["measure"]),
        "threshold": _text(selection["thresholds"][both["threshold"]]),
        "endpoint": endpoint,
        "after_days": days,
        "after": {"en": after_en, "es": after_es},
        "statistic": "median-days" if endpoint == "time-to-relapse" else "percent",
        "value": read["value"],
        "interval": read["interval"],
        "caveat": _text(both["caveat"]) if "caveat" in both else None,
    }
    return {name: value for name, value in made.items() if value is not None}


def _read(study: Row, row: Row, table: Table) -> Row:
    """What the table, or else the selection, says of the figure."""
    if "given" in row:
        given: Row = row["given"]
        return {"population": study["who"], "interval": None, **_both(study, "citation", "year"), **given}
    found = table.row(study["study"], row["row"], row.get("who_is"))
    return {
        "population": found["population"],
        "value": float(found["value"]),
        "n": int(found["n"]) if found["n"] else None,
        "measure": found["measure"],
        "interval": interval_of(found, dropped=row.get("drop_interval", False)),
        "citation": found["source"],
        "verification": verification_of(found),
        "year": study.get("year") or int(found["year"]),
    }


def _both(study: Row, *names: str) -> Row:
    return {name: study[name] for name in names}


def _source(citation: str, locator: str) -> Row:
    pubmed = re.search(r"PMID (\d+)", citation)
    doi = re.search(r"doi:(\S+)", citation)
    central = re.search(r"PMC\d+", citation)
    source = {"citation": citation, "locator": locator}
    if pubmed:
        source["pmid"] = pubmed.group(1)
    if doi:
        source["doi"] = doi.group(1)
    if central:
        source["url"] = f"https://pmc.ncbi.nlm.nih.gov/articles/{central.group(0)}/"
    return source


def _title(name: str, arm: list[str], endpoint: list[str], after: tuple[str, str]) -> Row:
    return {
        language: f"{name}: {arm[at]}, {endpoint[at]} {after[at]}" for at, language in enumerate(("en", "es"))
    }


def _who(who: str | list[str], selection: Row) -> Row:
    return _text(selection["who"][who] if isinstance(who, str) else who)


def _text(pair: list[str]) -> Row:
    return {"en": pair[0], "es": pair[1]}


def _range(ends: list[int] | None) -> Row | None:
    return None if ends is None else dict(zip(("at_least", "at_most"), ends, strict=False))


def main(table: Path) -> None:
    """Write every record; say how many."""
    selection = yaml.safe_load(SELECTION.read_text(encoding="utf-8"))
    RECORDS.mkdir(exist_ok=True)
    made = list(records(selection, Table(table)))
    for one in made:
        words = yaml.safe_dump(one, sort_keys=False, allow_unicode=True, width=110)
        (RECORDS / f"{one['id']}.yaml").write_text(words, encoding="utf-8")
    print(f"{len(made)} records written to {RECORDS}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
