"""Scoring: answers to a total, subscales, bands and safety flags (DEFINITIONS: Measures)."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from openkap.core.psychometrics.conditions import asked_items, outcome_of
from openkap.core.psychometrics.results import Answer, NotAnswered, SafetyFlag, Score, SubscaleScore
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Band, Bands, Instrument, Item, Missing, Points, Range, Scoring

HAS_NO_TOTAL: Final = "has no total score"


def parse_answers(text: str) -> tuple[Answer, ...]:
    """Read '0,1,NA,SKIP,REFUSED' in item order. Raises `BadInput`."""
    return tuple(_answer(word.strip()) for word in text.split(","))


def _answer(word: str) -> Answer:
    if word.isascii() and word.isdigit():
        return int(word)
    try:
        return NotAnswered(word.upper())
    except ValueError:
        raise BadInput("'%(word)s' is not an answer: write a number, NA, SKIP or REFUSED.", word=word) from None


def score(instrument: Instrument, answers: Sequence[Answer]) -> Score:
    """Score a filled instrument; `answers` are in item order, as chosen (before any reversal).

    An item that is not asked, because of answers before it, is answered SKIP or NA and scores its lowest value.
    A total that may not be computed is none, with its reason. Raises `BadInput` on a wrong number of answers or
    a value that is not a choice.
    """
    given = _checked(instrument, answers)
    asked = asked_items(instrument, given)
    _nothing_answered_unasked(instrument, given, asked)
    values = {
        item.id: _scored(instrument, item, given[item.id], asked[item.id])
        for item in instrument.items
        if item.counts
    }
    total, reason = _whole(instrument, values)
    subscales = _subscales(instrument, values)
    n_missing = sum(value is None for value in values.values())
    outcome, undecided = outcome_of(instrument, given, {"total": total} | {s.id: s.total for s in subscales})
    return Score(
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        total=total,
        reason=reason,
        band=band_of(instrument.bands, total),
        subscales=subscales,
        flags=safety_flags(instrument, given),
        n_missing=n_missing,
        prorated=total is not None and n_missing > 0,
        outcome=outcome,
        undecided=undecided,
    )


def score_total(
    instrument: Instrument, total: Points | None, subscales: Mapping[str, Points] | None = None
) -> Score:
    """Take a total, and subscales, as entered from a scored form.

    An instrument without a total has its subscales entered. Raises `BadInput` when it cannot have them.
    """
    parts = dict(subscales or {})
    if total is None and (instrument.has_total or not parts):
        raise BadInput("%(form)s needs its total.", form=instrument.abbreviation)
    if total is not None:
        _check_total(instrument, total)
    entered = _entered(instrument, parts)
    outcome, undecided = outcome_of(instrument, {}, {"total": total} | {s.id: s.total for s in entered})
    return Score(
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        total=total,
        reason=None if total is not None else HAS_NO_TOTAL,
        band=band_of(instrument.bands, total),
        subscales=entered,
        flags=(),
        n_missing=0,
        prorated=False,
        outcome=outcome,
        undecided=undecided,
    )


def _check_total(instrument: Instrument, total: Points) -> None:
    if not instrument.has_total:
        raise BadInput("%(form)s has no total score.", form=instrument.abbreviation)
    _check_points(instrument, instrument.range, total, instrument.abbreviation)


def _check_points(instrument: Instrument, reach: Range, points: Points, name: str) -> None:
    if points not in reach or round(points, instrument.decimals) != points:
        raise BadInput(
            "%(points)s is not a score of %(name)s: it goes from %(lowest)s to %(highest)s.",
            points=points,
            name=name,
            lowest=reach.lowest,
            highest=reach.highest,
        )


def _entered(instrument: Instrument, parts: Mapping[str, Points]) -> tuple[SubscaleScore, ...]:
    """The subscales as entered; those not entered are not known."""
    if strange := set(parts) - {subscale.id for subscale in instrument.subscales}:
        raise BadInput("%(form)s has no part '%(part)s'.", form=instrument.abbreviation, part=min(strange))
    found = []
    for subscale in instrument.subscales:
        points = parts.get(subscale.id)
        if points is not None:
            name = f"{instrument.abbreviation}, {subscale.title.en}"
            _check_points(instrument, subscale.range, points, name)
        reason = None if points is not None else "not entered"
        found.append(SubscaleScore(subscale.id, points, reason, band_of(subscale.bands, points)))
    return tuple(found)


def safety_flags(instrument: Instrument, given: Mapping[str, Answer]) -> tuple[SafetyFlag, ...]:
    """The answers on safety items given so far; needs no finished form, and imputes nothing."""
    return tuple(
        SafetyFlag(item.id, given[item.id]) for item in instrument.items if item.safety and item.id in given
    )


def band_of(bands: Bands | None, total: Points | None) -> Band | None:
    """The band a score lies in; none when there is no score or no bands."""
    if bands is None or total is None:
        return None
    return next((band for band in reversed(bands.of) if total >= band.at_least), None)


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
        raise BadInput("%(form)s takes a total: its items are not in OpenKAP.", form=instrument.abbreviation)
    if len(answers) != len(instrument.items):
        raise BadInput(
            "%(form)s has %(items)s items; %(answers)s answers were given.",
            form=instrument.abbreviation,
            items=len(instrument.items),
            answers=len(answers),
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
            "%(answer)s is not an answer to item %(item)s of %(form)s: choose %(offered)s.",
            answer=answer,
            item=item.id,
            form=instrument.abbreviation,
            offered=", ".join(map(str, offered)),
        )


def _nothing_answered_unasked(
    instrument: Instrument, given: Mapping[str, Answer], asked: Mapping[str, bool | None]
) -> None:
    for item in instrument.items:
        if asked[item.id] is False and not isinstance(given[item.id], NotAnswered):
            raise BadInput(
                "Item %(item)s of %(form)s is not asked after the answers before it: write SKIP.",
                item=item.id,
                form=instrument.abbreviation,
            )


def _scored(instrument: Instrument, item: Item, answer: Answer, asked: bool | None) -> int | None:
    offered = [choice.value for choice in instrument.choices_of(item)]
    if asked is False:
        return min(offered)
    if isinstance(answer, NotAnswered):
        return None
    return min(offered) + max(offered) - answer if item.reverse else answer


def _whole(instrument: Instrument, values: Mapping[str, int | None]) -> tuple[Points | None, str | None]:
    if not instrument.has_total or instrument.missing is None:
        return None, HAS_NO_TOTAL
    return _score_of(instrument, values, instrument.missing)


def _subscales(instrument: Instrument, values: Mapping[str, int | None]) -> tuple[SubscaleScore, ...]:
    found = []
    for subscale in instrument.subscales:
        rule = subscale.missing or Missing(at_most=0)
        total, reason = _score_of(instrument, {item: values[item] for item in subscale.items}, rule)
        found.append(SubscaleScore(subscale.id, total, reason, band_of(subscale.bands, total)))
    return tuple(found)


def _score_of(
    instrument: Instrument, values: Mapping[str, int | None], rule: Missing
) -> tuple[Points | None, str | None]:
    """The score under a missing-item rule, or none with the reason."""
    missing = [item for item, value in values.items() if value is None]
    required = [item for item in rule.required if item in missing]
    if required:
        return None, f"item {required[0]} is missing and is never estimated"
    if len(missing) > rule.at_most or len(missing) == len(values):
        return None, f"{len(missing)} items are missing; at most {rule.at_most} may be"
    if instrument.scoring is Scoring.SUM:
        return prorate(values.values()), None
    answered = {item: value for item, value in values.items() if value is not None}
    return _share(instrument, answered), None


def _share(instrument: Instrument, answered: Mapping[str, int]) -> Points:
    """Mean, or percent of what the items answered can add up to; rounded half up to the decimals."""
    if instrument.scoring is Scoring.MEAN:
        return half_up(Fraction(sum(answered.values()), len(answered)), instrument.decimals)
    offered = [
        [choice.value for choice in instrument.choices_of(item)]
        for item in instrument.items
        if item.id in answered
    ]
    lowest, highest = sum(map(min, offered)), sum(map(max, offered))
    share = Fraction(100 * (sum(answered.values()) - lowest), highest - lowest)
    return half_up(share, instrument.decimals)


def half_up(value: Fraction, decimals: int) -> Points:
    """`value` rounded to so many places, halves upwards; a whole number without places."""
    unit: int = 10**decimals
    steps = (2 * value.numerator * unit + value.denominator) // (2 * value.denominator)
    return steps / unit if decimals else steps
