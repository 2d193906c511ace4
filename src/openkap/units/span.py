"""Spans of time as people and records write them: '40 min', '1 h 30 min', '14 d'."""

import re
from datetime import timedelta

from openkap.errors import BadInput
from openkap.units.quantity import parse_quantity

_PART = re.compile(r"\d+(?:\.\d+)?\s*[a-zA-Z]+", re.ASCII)
_LONGEST = timedelta(days=36_525)


def parse_span(text: str) -> timedelta:
    """Read a span of time, never negative. Raises `BadInput`.

    Months and years are refused: they have no fixed length and take calendar arithmetic.
    """
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip():
        raise _no_span(text)
    try:
        seconds = sum(parse_quantity(part, expected="s").to("s").magnitude for part in parts)
    except BadInput:
        raise _no_span(text) from None
    if seconds > _LONGEST.total_seconds():
        raise BadInput("'%(text)s' is longer than a hundred years.", text=text.strip())
    return timedelta(microseconds=int(seconds * 1_000_000))


def _no_span(text: str) -> BadInput:
    return BadInput("'%(text)s' is not a span of time, such as '40 min' or '1 h 30 min'.", text=text.strip())


def format_span(span: timedelta) -> str:
    """Write a span the way `parse_span` reads it, in the largest units that fit."""
    rest = span // timedelta(seconds=1)
    written = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            written.append(f"{count} {unit}")
    return " ".join(written) or "0 min"
