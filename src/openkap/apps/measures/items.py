"""Single answers over time: which questions rose and which fell. Pure: responses in, table out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from openkap.apps.measures.models import Response
from openkap.core.psychometrics import in_language
from openkap.knowledge.schema.instrument import Instrument, Item

SHADES = 5
ORDERS = ("asked", "change", "now")
MOST = 16  # fillings side by side; older ones are on their own pages


@dataclass(frozen=True)
class Cell:
    """One answer: what is shown, its words, and how severe from 0 to 4; none without a number."""

    shown: str
    words: str
    shade: int | None


@dataclass(frozen=True)
class ItemRow:
    """One question over the fillings. `change`: severity now minus at baseline; none where one is missing."""

    item: Item
    text: str
    cells: list[Cell]
    change: int | None
    now: int | None

    @property
    def fell(self) -> int:
        """By how much it fell; below zero where it rose."""
        return -(self.change or 0)


@dataclass(frozen=True)
class Filling:
    """One column: when it was filled in, and whether it is the baseline."""

    response_id: UUID
    at: datetime
    is_baseline: bool


@dataclass(frozen=True)
class ItemsOverTime:
    """The table: columns by time, one row for each question."""

    fillings: list[Filling]
    rows: list[ItemRow]
    order: str
    left_out: int  # older fillings


def items_over_time(
    instrument: Instrument, responses: Sequence[Response], baseline: UUID | None, language: str, order: str
) -> ItemsOverTime | None:
    """The answers of `responses`, oldest first, all of `instrument` in its version; None when none has any.

    `order`: 'asked', 'change' (what rose most first) or 'now' (what is most severe first).
    """
    answered = [row for row in responses if row.answers and row.instrument_version == instrument.version]
    if not answered or not instrument.items:
        return None
    start = next((row for row in answered if row.public_id == baseline), None)
    shown = _shown(answered, start)
    rows = [_row(instrument, item, shown, start, language) for item in instrument.items]
    chosen = order if order in ORDERS else "asked"
    return ItemsOverTime(
        fillings=[Filling(row.public_id, row.administered_at, row is start) for row in shown],
        rows=_sorted(rows, chosen),
        order=chosen,
        left_out=len(answered) - len(shown),
    )


def _shown(answered: list[Response], start: Response | None) -> list[Response]:
    """The newest fillings, and the baseline whatever its age."""
    newest = answered[-MOST:]
    return newest if start is None or start in newest else [start, *newest[1:]]


def _sorted(rows: list[ItemRow], order: str) -> list[ItemRow]:
    if order == "change":
        return sorted(rows, key=lambda row: -(row.change if row.change is not None else -1000))
    if order == "now":
        return sorted(rows, key=lambda row: -(row.now if row.now is not None else -1000))
    return rows


def _row(
    instrument: Instrument, item: Item, shown: list[Response], start: Response | None, language: str
) -> ItemRow:
    cells = [_cell(instrument, item, row.answers.get(item.id), language) for row in shown]
    before = _severity(instrument, item, start.answers.get(item.id)) if start else None
    now = _severity(instrument, item, shown[-1].answers.get(item.id))
    change = now - before if now is not None and before is not None and shown[-1] is not start else None
    words = in_language(item.text, language) or item.text.en if item.text else ""
    return ItemRow(item, words or item.id, cells, change, now)


def _cell(instrument: Instrument, item: Item, answer: object, language: str) -> Cell:
    severity = _severity(instrument, item, answer)
    if severity is None:
        return Cell("?", "" if answer is None else str(answer).lower(), None)
    values = [choice.value for choice in instrument.choices_of(item)]
    label = next((one.label for one in instrument.choices_of(item) if one.value == answer), None)
    words = (in_language(label, language) or label.en) if label else ""
    share = severity / max(max(values) - min(values), 1)
    return Cell(str(answer), words, round(share * (SHADES - 1)))


def _severity(instrument: Instrument, item: Item, answer: object) -> int | None:
    """How far the answer lies from the least severe one, whichever way the question and the form count."""
    if not isinstance(answer, int) or isinstance(answer, bool):
        return None
    values = [choice.value for choice in instrument.choices_of(item)]
    rises = instrument.higher_is_worse != item.reverse
    return answer - min(values) if rises else max(values) - answer
