"""Dates as they were recorded: a year, a month, a day or an instant. What was not said is never made up."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from openkap.errors import BadInput

_SHAPE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(?P<time>T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)


class Precision(IntEnum):
    """How much of the date was said."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    INSTANT = 4


@dataclass(frozen=True)
class PartialDate:
    """A FHIR `date`, `dateTime` or `instant`: `text` as recorded, and the days it may mean.

    `first` and `last` are local dates where it was recorded: for an instant, those of its own offset.
    """

    text: str
    precision: Precision
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read '2011', '2011-12', '2011-12-31' or '2011-12-31T09:30:00+01:00'. Raises `BadInput`."""
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            raise BadInput(
                "%(text)s is not a date; write it as 2011, 2011-12 or 2011-12-31.", text=repr(text[:40])
            )
        try:
            return cls._of(text, shape)
        except ValueError as error:
            raise BadInput("%(text)s is not a day of the calendar.", text=repr(text)) from error

    @classmethod
    def _of(cls, text: str, shape: re.Match[str]) -> "PartialDate":
        year = int(shape["year"])
        if shape["time"]:
            day = datetime.fromisoformat(_to_microseconds(text)).date()
            return cls(text, Precision.INSTANT, day, day)
        if shape["day"]:
            day = date(year, int(shape["month"]), int(shape["day"]))
            return cls(text, Precision.DAY, day, day)
        if shape["month"]:
            month = int(shape["month"])
            first = date(year, month, 1)
            return cls(text, Precision.MONTH, first, first.replace(day=monthrange(year, month)[1]))
        return cls(text, Precision.YEAR, date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def of_day(cls, day: date) -> "PartialDate":
        """A whole day, such as one entered in a form."""
        return cls(day.isoformat(), Precision.DAY, day, day)

    @property
    def at(self) -> datetime | None:
        """The instant with its offset, or None if only a date was recorded."""
        if self.precision is not Precision.INSTANT:
            return None
        return datetime.fromisoformat(_to_microseconds(self.text))

    @property
    def day(self) -> str:
        """As it may be printed: the date without its time of day."""
        return self.text[:10]

    def __str__(self) -> str:
        return self.text


def _to_microseconds(text: str) -> str:
    """Python reads at most six decimals of a second."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
