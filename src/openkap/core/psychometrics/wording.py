"""The words of an instrument in one language: whether they are whole, and their fingerprint."""

from hashlib import sha256

from openkap.knowledge.schema.instrument import Instrument
from openkap.knowledge.schema.record import Text

LANGUAGES = ("en", "es")


def in_language(text: Text, language: str) -> str | None:
    """The words in that language; none when they are not there. Never another language's."""
    found = getattr(text, language, None) if language in LANGUAGES else None
    return found if isinstance(found, str) else None


def languages_of(instrument: Instrument) -> tuple[str, ...]:
    """The languages in which every word that a person reads is there. A form is never shown half translated."""
    return tuple(language for language in LANGUAGES if None not in _words(instrument, language))


def wording_digest(instrument: Instrument, language: str) -> str:
    """SHA-256 over the words as shown, in order: says later which wording was answered; '' without words."""
    words = _words(instrument, language)
    if not words or None in words:
        return ""
    return sha256("\n".join(word or "" for word in words).encode()).hexdigest()


def _words(instrument: Instrument, language: str) -> list[str | None]:
    if not instrument.items:
        return []
    texts = [instrument.stem] if instrument.stem else []
    for item in (*instrument.items, *instrument.unscored_items):
        texts.extend(words for words in (item.lead, item.text) if words)
        scale = instrument.scales.get(item.choices)
        ends = (scale.low, scale.high) if scale else ()
        texts.extend(ends or (choice.label for choice in instrument.choices_of(item)))
    return [in_language(text, language) for text in texts]
