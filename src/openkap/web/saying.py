"""Expected errors in the reader's language."""

from collections.abc import Mapping
from datetime import date

from django.utils import formats
from django.utils.translation import get_language, gettext

from openkap.apps.knowledge_base.words import text_in
from openkap.knowledge.schema.record import Text


def said(message: str, values: Mapping[str, object]) -> str:
    """The message translated, its values as they are written in that language (see `openkap.errors`)."""
    words = gettext(message) if message else ""  # the translation of nothing is the catalogue's own header
    return words % {name: _written(value) for name, value in values.items()} if values else words


def _written(value: object) -> object:
    if isinstance(value, Text):
        return text_in(value, get_language() or "en")
    return formats.date_format(value) if isinstance(value, date) else value
