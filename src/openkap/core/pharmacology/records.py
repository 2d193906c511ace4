"""Dosing and observation records as pharmacometricians write them (the conventions of NONMEM's PREDPP).

A row is an observation (EVID 0), a dose (1), something else (2), a reset (3) or a reset and a dose (4). RATE
0 is a bolus, > 0 an infusion, -1 an infusion at the modelled rate R, -2 one over the modelled duration D.
"""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, TextIO

from openkap.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

RESERVED = ("ID", "TIME", "EVID", "AMT", "RATE", "CMT", "ADDL", "II", "SS", "MDV", "DV")
WEIGHT = "WT"  # the one other column whose meaning is known, from every exported model
_BLANK = frozenset({"", ".", "NA", "NAN"})
_MOST_ADDITIONAL = 100_000


class Event(IntEnum):
    """EVID."""

    OBSERVATION = 0
    DOSE = 1
    OTHER = 2
    RESET = 3
    RESET_AND_DOSE = 4


@dataclass(frozen=True, kw_only=True)
class DosingRecord:
    """One row. `row` counts from 1 for messages; `compartment` 0 is the default one; `values` are other
    columns.
    """

    row: int
    subject: str
    time: float
    event: Event
    amount: float = 0.0
    rate: float = 0.0
    compartment: int = 0
    additional: int = 0
    interval: float = 0.0
    steady_state: int = 0
    values: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise problem

    @property
    def is_dose(self) -> bool:
        """Whether something is given."""
        return self.event in (Event.DOSE, Event.RESET_AND_DOSE)

    def bad(self, field: str, words: str) -> BadInput:
        """An error that names this record and a field."""
        return BadInput(f"Record {self.row}: {field}: {words}", field=field)


def read_csv(stream: TextIO) -> list[DosingRecord]:
    """Read records from CSV with a header. Raises `BadInput` naming the record and the field."""
    try:
        rows = csv.DictReader(stream, skipinitialspace=True, strict=True)
        header = [name.strip().upper() for name in rows.fieldnames or ()]
        rows.fieldnames = header
        _check_header(header)
        return checked(_record(number, row) for number, row in enumerate(rows, start=1))
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"This is not a CSV file: {error}.") from error


def from_frame(frame: "pd.DataFrame") -> list[DosingRecord]:
    """Read records from a data frame with the same columns as the CSV form."""
    header = [str(name).strip().upper() for name in frame.columns]
    _check_header(header)
    rows = (
        {name: _text(value) for name, value in zip(header, row, strict=True)}
        for row in frame.itertuples(index=False)
    )
    return checked(_record(number, row) for number, row in enumerate(rows, start=1))


def checked(records: Iterable[DosingRecord]) -> list[DosingRecord]:
    """Refuse a subject split into two places, and times that go back without a reset."""
    kept = list(records)
    if not kept:
        raise BadInput("There is no record.", field="TIME")
    seen: set[str] = set()
    for subject, group in groupby(kept, key=lambda record: record.subject):
        own = list(group)
        if subject in seen:
            raise own[0].bad("ID", f"the records of {subject} are not together.")
        seen.add(subject)
        _check_order(own)
    return kept


def _check_order(records: Sequence[DosingRecord]) -> None:
    for earlier, later in pairwise(records):
        if later.time < earlier.time and later.event not in (Event.RESET, Event.RESET_AND_DOSE):
            raise later.bad("TIME", f"{later.time:g} comes before {earlier.time:g} of the record above.")


def _check_header(header: Sequence[str]) -> None:
    for name in ("TIME",):
        if name not in header:
            raise BadInput(f"There is no column {name}.", field=name)
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise BadInput(f"The column {min(repeated)} is there twice.", field=min(repeated))


def _record(number: int, row: Mapping[Any, object]) -> DosingRecord:
    if None in row or any(value is None for value in row.values()):
        raise BadInput(f"Record {number}: it has another number of fields than the header.", field="row")
    cells = {str(name): str(value).strip() for name, value in row.items()}
    numbers = {name: _number(number, name, text) for name, text in cells.items() if name != "ID"}
    if numbers["TIME"] is None:
        raise BadInput(f"Record {number}: TIME: is missing.", field="TIME")
    if cells.get("ID", "1").upper() in _BLANK:
        raise BadInput(f"Record {number}: ID: is missing.", field="ID")
    amount, rate = numbers.get("AMT") or 0.0, numbers.get("RATE") or 0.0
    given = numbers.get("EVID")
    dosing = amount > 0 or (rate > 0 and bool(numbers.get("SS")))
    event = given if given is not None else float(Event.DOSE if dosing else Event.OBSERVATION)
    return DosingRecord(
        row=number,
        subject=cells.get("ID", "1"),
        time=numbers["TIME"],
        event=_event(number, event),
        amount=amount,
        rate=rate,
        compartment=_whole(number, "CMT", numbers.get("CMT")),
        additional=_whole(number, "ADDL", numbers.get("ADDL")),
        interval=numbers.get("II") or 0.0,
        steady_state=_whole(number, "SS", numbers.get("SS")),
        values=tuple((k, v) for k, v in numbers.items() if k not in RESERVED and v is not None),
    )


def _number(row: int, name: str, text: str) -> float | None:
    if text.upper() in _BLANK:
        return None
    try:
        value = float(text)
    except ValueError:
        if name in RESERVED:
            raise BadInput(f"Record {row}: {name}: '{text}' is not a number.", field=name) from None
        return None  # a comment column
    if not math.isfinite(value):
        raise BadInput(f"Record {row}: {name}: '{text}' is not a finite number.", field=name)
    return value


def _whole(row: int, name: str, value: float | None) -> int:
    if value is None:
        return 0
    if value != int(value):
        raise BadInput(f"Record {row}: {name}: {value:g} is not a whole number.", field=name)
    return int(value)


def _event(row: int, value: float) -> Event:
    try:
        return Event(_whole(row, "EVID", value))
    except ValueError:
        raise BadInput(f"Record {row}: EVID: {value:g} is not one of 0, 1, 2, 3, 4.", field="EVID") from None


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)


def _problems(record: DosingRecord) -> Iterable[BadInput]:
    """What is wrong with one record, first things first."""
    for name, value in (
        ("TIME", record.time),
        ("AMT", record.amount),
        ("RATE", record.rate),
        ("II", record.interval),
    ):
        if not math.isfinite(value):
            yield record.bad(name, "must be a finite number.")
    if record.amount < 0:
        yield record.bad("AMT", "must not be negative.")
    if record.rate < 0 and record.rate not in (-1.0, -2.0):
        yield record.bad("RATE", f"{record.rate:g} has no meaning; it is 0, more, -1 or -2.")
    if record.interval < 0:
        yield record.bad("II", "must not be negative.")
    if not 0 <= record.additional <= _MOST_ADDITIONAL:
        yield record.bad("ADDL", f"must lie between 0 and {_MOST_ADDITIONAL}.")
    if record.steady_state not in (0, 1, 2):
        yield record.bad("SS", f"{record.steady_state} is not one of 0, 1, 2.")
    if dict(record.values).get(WEIGHT, 1.0) <= 0:
        yield record.bad(WEIGHT, "a weight must be more than zero.")
    yield from _dose_problems(record) if record.is_dose else _other_problems(record)


def _dose_problems(record: DosingRecord) -> Iterable[BadInput]:
    endless = record.steady_state > 0 and record.amount == 0 and record.rate > 0
    if record.amount == 0 and not endless:
        yield record.bad("AMT", "a dose needs an amount.")
    if endless and record.interval > 0:
        yield record.bad("II", "a steady-state infusion without an amount has no interval.")
    if record.additional and record.interval == 0:
        yield record.bad("II", "additional doses need an interval.")
    if record.steady_state and not endless and record.interval == 0:
        yield record.bad("II", "a steady state of repeated doses needs an interval.")
    if endless and record.additional:
        yield record.bad("ADDL", "a steady-state infusion without an amount has no additional doses.")


def _other_problems(record: DosingRecord) -> Iterable[BadInput]:
    if record.amount:
        yield record.bad("AMT", f"a record with EVID {int(record.event)} gives nothing.")
    if record.steady_state:
        yield record.bad("SS", f"a record with EVID {int(record.event)} has no steady state.")
