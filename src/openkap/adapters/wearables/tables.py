"""Tables of any app: a person says which column is what, helped by a guess."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from openkap.adapters.wearables.numbers import decimal, whole
from openkap.adapters.wearables.refusing import broken, not_known, too_large
from openkap.core.lifestyle import Kind, Tally

LARGEST = 8 * 1024**2  # bytes
MOST_ROWS = 5_000  # of one that a person explains: a line is a day
MOST_COLUMNS = 60
LONGEST_CELL = 100
DEVICE = "CSV"
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
WORDED = re.compile(r"(\d{1,2})\s*h(?:r|rs|ours?)?\s*(?:(\d{1,2})\s*(?:m|min|minutes?)?)?", re.IGNORECASE)
PARTS = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")
DAY_WORDS = ("date", "day", "fecha", "día", "dia")
STEP_WORDS = ("step", "paso")
SLEEP_WORDS = ("asleep", "sleep", "dormi", "sueño", "sueno")


class DayOrder(StrEnum):
    """How a table writes a day."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class SleepUnit(StrEnum):
    """How a table writes time asleep."""

    MINUTES = "minutes"
    HOURS = "hours"
    CLOCK = "clock"  # 7:30, or 7h 30m


@dataclass(frozen=True)
class Table:
    """Headers and lines of text, all of one width."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Columns:
    """Which column is what, by number from 0; None for what is not there."""

    day: int
    steps: int | None
    asleep: int | None
    order: DayOrder = DayOrder.YMD
    unit: SleepUnit = SleepUnit.MINUTES


def read_table(raw: bytes) -> Table:
    """The table in a file of text. Raises `BadInput`."""
    if len(raw) > LARGEST:
        raise too_large()
    text = _text(raw)
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
        delimiter = dialect.delimiter
    except csv.Error:
        delimiter = ","
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise broken() from error
    if len(lines) < 2 or not 2 <= len(lines[0]) <= MOST_COLUMNS:
        raise not_known()
    width = len(lines[0])
    cells = [tuple(cell.strip()[:LONGEST_CELL] for cell in [*line, *[""] * width][:width]) for line in lines]
    return Table(cells[0], tuple(cells[1:]))


def guess(table: Table) -> Columns:
    """Which column is probably what: by headers, and by how days are written."""
    day = _column(table.headers, DAY_WORDS)
    day = 0 if day is None else day
    asleep = _column(table.headers, SLEEP_WORDS)
    return Columns(
        day=day,
        steps=_column(table.headers, STEP_WORDS),
        asleep=asleep,
        order=_order([row[day] for row in table.rows]),
        unit=SleepUnit.MINUTES if asleep is None else _unit([row[asleep] for row in table.rows]),
    )


def tabulate(table: Table, columns: Columns, tally: Tally) -> None:
    """Put what the columns say into the tally; a line whose day cannot be read is counted as such."""
    for row in table.rows:
        day = _day(row[columns.day], columns.order)
        if day is None:
            tally.unreadable()
            continue
        if columns.steps is not None:
            _put(tally, Kind.STEPS, day, row[columns.steps], whole(row[columns.steps]))
        if columns.asleep is not None:
            _put(tally, Kind.ASLEEP, day, row[columns.asleep], _minutes(row[columns.asleep], columns.unit))


def _put(tally: Tally, kind: Kind, day: date, written: str, amount: int | None) -> None:
    if amount is not None:
        tally.put(kind, DEVICE, day, amount)
    elif written:
        tally.unreadable()


def _text(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if "\x00" in text:
        raise not_known()
    return text


def _column(headers: Sequence[str], words: Sequence[str]) -> int | None:
    for word in words:
        for number, header in enumerate(headers):
            if word in header.lower():
                return number
    return None


def _day(written: str, order: DayOrder) -> date | None:
    found = PARTS.match(written)
    if found is None:
        return None
    first, second, third = (int(part) for part in found.groups())
    year, month, day = {
        DayOrder.YMD: (first, second, third),
        DayOrder.DMY: (third, second, first),
        DayOrder.MDY: (third, first, second),
    }[order]
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _order(written: Sequence[str]) -> DayOrder:
    """The order in which most days make sense; the year first where several do."""
    tried = written[:400]
    return max(DayOrder, key=lambda order: sum(_day(one, order) is not None for one in tried))


def _minutes(written: str, unit: SleepUnit) -> int | None:
    if unit is SleepUnit.MINUTES:
        return whole(written)
    if unit is SleepUnit.HOURS:
        hours = decimal(written)
        return None if hours is None else round(hours * 60)
    found = CLOCK.fullmatch(written) or WORDED.fullmatch(written)
    return None if found is None else int(found[1]) * 60 + int(found[2] or 0)


def _unit(written: Sequence[str]) -> SleepUnit:
    """By how it is written; a number of at most a day's hours is hours."""
    given = [one for one in written[:400] if one]
    if given and all(CLOCK.fullmatch(one) or WORDED.fullmatch(one) for one in given):
        return SleepUnit.CLOCK
    numbers = [number for one in given if (number := decimal(one)) is not None]
    return SleepUnit.HOURS if numbers and max(numbers) <= 24 else SleepUnit.MINUTES
