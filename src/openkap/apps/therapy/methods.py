"""The methods a note can name, from their records."""

from collections.abc import Iterable

from django.utils.translation import get_language

from openkap.errors import BadInput
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.record import Text
from openkap.knowledge.schema.therapy_method import TherapyMethod


def methods() -> dict[str, TherapyMethod]:
    """All methods by id, in their order."""
    known: dict[str, TherapyMethod] = read_kind("therapy_methods", TherapyMethod)
    return dict(sorted(known.items(), key=lambda pair: pair[1].order))


def checked(ids: Iterable[str]) -> list[str]:
    """The ids, each once and known. Raises `BadInput`, also when there is none."""
    known, wanted = methods(), list(dict.fromkeys(ids))
    if not wanted:
        raise BadInput("Say which method was used.", field="methods")
    if any(one not in known for one in wanted):
        raise BadInput("One of these methods is not known.", field="methods")
    return wanted


def in_words(ids: Iterable[str]) -> list[str]:
    """The methods' names in the reader's language."""
    known = methods()
    return [said(known[one].title) if one in known else one for one in ids]


def in_short(ids: Iterable[str]) -> str:
    """For where there is little room: 'EMDR, IFS'."""
    known = methods()
    return ", ".join(known[one].short if one in known else one for one in ids)


def known_with_ketamine() -> list[tuple[str, list[str]]]:
    """What is known of the methods together with ketamine, those of whom the same is known together."""
    found: dict[str, list[str]] = {}
    for one in methods().values():
        found.setdefault(said(one.with_ketamine_note), []).append(said(one.title))
    return list(found.items())


def said(text: Text) -> str:
    """A knowledge text in the reader's language, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en
