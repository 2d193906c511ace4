"""Scoring: answers to a total, subscales, bands and safety flags (DEFINITIONS: Measures)."""

from collections.abc import Iterable, Mapping, Sequence

from openkap.core.psychometrics.results import Answer, NotAnswered, SafetyFlag, Score, SubscaleScore
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Band, Bands, Instrument, Item, Missing


def parse_answers(text: str) -> tuple[Answer, ...]:
    """Read '0,1,NA,SKIP,REFUSED' in item order. Raises `BadInput`."""
    return tuple(_answer(word.strip()) for word in text.split(","))


def _answer(word: str) -> Answer:
    if word.isascii() and word.isdigit():
        return int(word)
    try:
        return NotAnswered(word.upper())
    except ValueError:
        raise BadInput(f"'{word}' is not an answer: write a number, NA, SKIP or REFUSED.") from None


def score(instrument: Instrument, answers: Sequence[Answer]) -> Score:
    """Score a filled instrument; `answers` are in item order, as chosen (before any reversal).

    A total that may not be computed is none, with its reason. Raises `BadInput` on a wrong number of answers or
    a value that is not a choice.
    """
    given = _checked(instrument, answers)
    values = {item.id: _scored(instrument, item, given[item.id]) for item in instrument.items}
    total, reason = _whole(instrument, values)
    n_missing = sum(value is None for value in values.values())
    return Score(
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        total=total,
        reason=reason,
        band=band_of(instrument.bands, total),
        subscales=_subscales(instrument, values),
        flags=safety_flags(instrument, given),
        n_missing=n_missing,
        prorated=total is not None and n_missing > 0,
    )


def score_total(instrument: Instrument, total: int) -> Score:
    """Take a total as entered from a scored form. Raises `BadInput` when the instrument cannot have it."""
    if not instrument.has_total:
        raise BadInput(f"{instrument.abbreviation} has no total score.")
    if total not in instrument.range:
        lowest, highest = instrument.range.lowest, instrument.range.highest
        raise BadInput(
            f"{total} is not a score of {instrument.abbreviation}: it goes from {lowest} to {highest}."
        )
    return Score(
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        total=total,
        reason=None,
        band=band_of(instrument.bands, total),
        subscales=(),
        flags=(),
        n_missing=0,
        prorated=False,
    )


def safety_flags(instrument: Instrument, given: Mapping[str, Answer]) -> tuple[SafetyFlag, ...]:
    """The answers on safety items given so far; needs no finished form, and imputes nothing."""
    return tuple(
        SafetyFlag(item.id, given[item.id]) for item in instrument.items if item.safety and item.id in given
    )


def band_of(bands: Bands | None, total: int | None) -> Band | None:
    """The band a score lies in; none when there is no score or no bands."""
    if bands is None or total is None:
        return None
    return next(band for band in reversed(bands.of) if total >= band.at_least)


def prorate(values: Iterable[int | None]) -> int:
    """The sum as it would be had the missing items been like the answered ones, rounded half up.

    floor(sum x n / answered + 1/2), in integers: Python's `round` would send halves to the even neighbour.
    At least one value must be there.
    """
    every = list(values)
    present = [value for value in every if value is not None]
    return (2 * sum(present) * len(every) + len(present)) // (2 * len(present))


def _checked(instrument: Instrument, answers: Sequence[Answer]) -> dict[str, Answer]:
    if not instrument.items:
        raise BadInput(f"{instrument.abbreviation} takes a total: its items are not in OpenKAP.")
    if len(answers) != len(instrument.items):
        raise BadInput(
            f"{instrument.abbreviation} has {len(instrument.items)} items; {len(answers)} answers were given."
        )
    given = {item.id: answer for item, answer in zip(instrument.items, answers, strict=True)}
    for item in instrument.items:
        check_answer(instrument, item, given[item.id])
    return given


def check_answer(instrument: Instrument, item: Item, answer: Answer) -> None:
    """Refuse a value the item does not offer. Raises `BadInput`."""
    offered = [choice.value for choice in instrument.choices_of(item)]
    if not isinstance(answer, NotAnswered) and answer not in offered:
        raise BadInput(
            f"{answer} is not an answer to item {item.id} of {instrument.abbreviation}: "
            f"choose {', '.join(map(str, offered))}."
        )


def _scored(instrument: Instrument, item: Item, answer: Answer) -> int | None:
    if isinstance(answer, NotAnswered):
        return None
    if not item.reverse:
        return answer
    offered = [choice.value for choice in instrument.choices_of(item)]
    return min(offered) + max(offered) - answer


def _whole(instrument: Instrument, values: Mapping[str, int | None]) -> tuple[int | None, str | None]:
    if not instrument.has_total or instrument.missing is None:
        return None, "has no total score"
    return _sum(values, instrument.missing)


def _subscales(instrument: Instrument, values: Mapping[str, int | None]) -> tuple[SubscaleScore, ...]:
    found = []
    for subscale in instrument.subscales:
        total, reason = _sum({item: values[item] for item in subscale.items}, subscale.missing)
        found.append(SubscaleScore(subscale.id, total, reason, band_of(subscale.bands, total)))
    return tuple(found)


def _sum(values: Mapping[str, int | None], rule: Missing) -> tuple[int | None, str | None]:
    """The total under a missing-item rule, or none with the reason."""
    missing = [item for item, value in values.items() if value is None]
    required = [item for item in rule.required if item in missing]
    if required:
        return None, f"item {required[0]} is missing and is never estimated"
    if len(missing) > rule.at_most or len(missing) == len(values):
        return None, f"{len(missing)} items are missing; at most {rule.at_most} may be"
    return prorate(values.values()), None
