"""What an author of an instrument's record still owes: examples that hold, and enough of them."""

from collections.abc import Iterator

from openkap.core.psychometrics.examples import failing_examples, unnoticed_changes
from openkap.core.psychometrics.wording import languages_of
from openkap.knowledge.schema.instrument import Instrument

_LEFT_OUT = ("NA", "SKIP", "REFUSED")


def shortcomings(instrument: Instrument) -> tuple[str, ...]:
    """What keeps a record from being used, in words; nothing when it is whole."""
    return (*_missing_words(instrument), *failing_examples(instrument), *_missing_examples(instrument))


def pack_shortcomings(pack: Instrument) -> tuple[str, ...]:
    """The same for the words of a wording pack, whose examples are fewer."""
    return (*_missing_words(pack), *failing_examples(pack))


def hints(instrument: Instrument) -> tuple[str, ...]:
    """Wrong turns of the record that none of its examples would notice."""
    return tuple(f"no example notices: {what}" for what in unnoticed_changes(instrument))


def _missing_words(instrument: Instrument) -> Iterator[str]:
    if instrument.items and "en" not in languages_of(instrument):
        yield "a question or an answer has no English words"
    if not instrument.items and not instrument.notes:
        yield "notes: say whose the words are, or why they are not here"


def _missing_examples(instrument: Instrument) -> Iterator[str]:
    if not instrument.examples:
        yield "examples: there are none"
        return
    bands = {band.id for band in instrument.bands.of} if instrument.bands else set()
    for band in sorted(bands - {example.band for example in instrument.examples}):
        yield f"examples: none lies in the band {band}"
    outcomes = {outcome.id for outcome in instrument.outcomes.of} if instrument.outcomes else set()
    for outcome in sorted(outcomes - {example.outcome for example in instrument.examples}):
        yield f"examples: none comes to {outcome}"
    if not any(example.refused for example in instrument.examples):
        yield "examples: none shows what is refused (refused: true)"
    answered = [example.answers for example in instrument.examples if example.answers]
    if instrument.items and not any(word in given for given in answered for word in _LEFT_OUT):
        yield "examples: none shows what happens when an answer is missing (NA)"
