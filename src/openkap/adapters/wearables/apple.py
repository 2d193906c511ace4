"""Apple Health: `export.xml`, read as a stream of `Record` elements.

The form is Apple's own (its document type stands at the head of each file). Steps are
`HKQuantityTypeIdentifierStepCount` in 'count'; sleep is `HKCategoryTypeIdentifierSleepAnalysis` with a value
that begins with 'HKCategoryValueSleepAnalysisAsleep' (lying in bed and being awake are not sleep). Times carry
their offset from UTC. Entities are refused, nothing is fetched, and no tree is built.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NoReturn
from xml.parsers import expat

from openkap.adapters.wearables.numbers import whole
from openkap.adapters.wearables.refusing import broken, not_known, too_large
from openkap.core.lifestyle import Kind, Tally

STEPS = "HKQuantityTypeIdentifierStepCount"
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
ASLEEP = "HKCategoryValueSleepAnalysisAsleep"
DEEPEST = 32  # elements within each other; the form has four
LONGEST = 4 * 1024**2  # bytes without a single element: a tag that never ends would fill the memory


class Reader:
    """Takes the file piece by piece and keeps nothing of it but the tally."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._depth = 0
        self._silent = 0
        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = _refuse
        parser.UnparsedEntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        self._parser = parser

    def feed(self, pieces: Iterable[bytes]) -> None:
        """Read all of it. Raises `BadInput`."""
        try:
            for piece in pieces:
                self._silent += len(piece)
                self._parser.Parse(piece, False)
                if self._silent > LONGEST:
                    raise too_large()
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise broken() from error

    def _begin(self, name: str, attributes: list[str]) -> None:
        self._silent = 0
        self._depth += 1
        if self._depth == 1 and name != "HealthData":
            raise not_known()
        if self._depth > DEEPEST:
            raise broken()
        if name == "Record" and (STEPS in attributes or SLEEP in attributes):
            self._take(dict(zip(attributes[::2], attributes[1::2], strict=True)))

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _take(self, said: dict[str, str]) -> None:
        what = said.get("type")
        if what == STEPS:
            self._walked(said)
        elif what == SLEEP and said.get("value", "").startswith(ASLEEP):
            self._slept(said)

    def _walked(self, said: dict[str, str]) -> None:
        began, steps = _moment(said.get("startDate", "")), whole(said.get("value", ""))
        if began is None or steps is None or said.get("unit") != "count":
            self._tally.unreadable()
            return
        self._tally.add(Kind.STEPS, said.get("sourceName", ""), self._tally.day_of(began), steps)

    def _slept(self, said: dict[str, str]) -> None:
        began, ended = _moment(said.get("startDate", "")), _moment(said.get("endDate", ""))
        if began is None or ended is None:
            self._tally.unreadable()
            return
        self._tally.slept(said.get("sourceName", ""), began, ended)


def _moment(stamp: str) -> datetime | None:
    """'2026-11-05 08:12:33 +0100'; None for anything else."""
    try:
        moment = datetime.fromisoformat(stamp[:19] + stamp[20:])
    except ValueError:
        return None
    inside = moment.tzinfo is not None and 1970 <= moment.year < 2200  # where a shift by a zone stays a date
    return moment if inside else None


def _refuse(*_declaration: Any) -> NoReturn:
    """An entity: nothing that Apple writes has one, and it is how such files do harm."""
    raise broken()
