"""Knowledge texts in the reader's language."""

from django.utils.translation import get_language

from openkap.knowledge.schema.record import Text


def said(text: Text) -> str:
    """In the reader's language, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en
