"""Which answers of the weekly questions are about what, from their record."""

from django.utils.translation import get_language

from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.lifestyle_reading import LifestyleReading
from openkap.knowledge.schema.record import Text


def reading() -> LifestyleReading:
    """The record in force."""
    known: dict[str, LifestyleReading] = read_kind("lifestyle_readings", LifestyleReading)
    return next(iter(known.values()))


def said(text: Text) -> str:
    """A knowledge text in the reader's language, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en
