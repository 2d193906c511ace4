"""Numbers and days as they stand in exported files."""

import re
from datetime import date, datetime

DIGITS = 12  # more than any count has
GROUPED = re.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{3})+")
PLAIN = re.compile(rf"-?\d{{1,{DIGITS}}}(?:[.,]\d{{1,{DIGITS}}})?")


def whole(text: str) -> int | None:
    """'8412', '8412.0', '8,412' or '8.412' as a whole number; None for what is none."""
    text = text.strip()
    if GROUPED.fullmatch(text) and len(text) <= DIGITS:
        return int(re.sub(r"\D", "", text))
    found = decimal(text)
    return None if found is None else round(found)


def decimal(text: str) -> float | None:
    """'7.5' or '7,5'; None for what is no such number."""
    text = text.strip()
    return float(text.replace(",", ".")) if PLAIN.fullmatch(text) else None


def iso_moment(text: str) -> datetime | None:
    """A moment as ISO 8601 writes it, with or without its zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if 1970 <= moment.year < 2200 else None  # where a shift by a zone stays a date


def iso_day(text: str) -> date | None:
    """The day a text begins with, as ISO 8601 writes it: '2026-11-05'."""
    moment = iso_moment(text.strip()[:10])
    return moment.date() if moment else None
