"""Small wrong turns of an instrument's record, each of which a worked example should notice.

What makes no difference to any score (one item more may be missing of one) is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from openkap.knowledge.schema.instrument import (
    AtLeast,
    Bands,
    Instrument,
    Missing,
    Outcome,
    Range,
    ScoreFrom,
    Scoring,
    Subscale,
)

Changed = tuple[str, Instrument]
Model = TypeVar("Model", bound=BaseModel)


def mutants(instrument: Instrument) -> Iterator[Changed]:
    """Every record that differs in one small way, with the difference in words. They are not validated."""
    if instrument.items:
        yield from _items(instrument)
        yield from _choices(instrument)
        yield from _counting(instrument)
    else:
        yield from _ranges(instrument)
    if instrument.bands:
        for what, bands in _edges(instrument.bands, _unit(instrument)):
            yield what, _with(instrument, bands=bands)
    for subscale in instrument.subscales:
        for what, other in _subscale(instrument, subscale):
            yield (
                f"{subscale.id}: {what}",
                _with(instrument, subscales=_put(instrument.subscales, subscale, other)),
            )
    yield from _outcomes(instrument)


def _with(model: Model, **update: Any) -> Model:
    return model.model_copy(update=update)


def _put(found: tuple[Model, ...], one: Model, other: Model) -> tuple[Model, ...]:
    return tuple(other if part is one else part for part in found)


def _unit(instrument: Instrument) -> float:
    return 10**-instrument.decimals if instrument.decimals else 1


def _items(instrument: Instrument) -> Iterator[Changed]:
    watched = any(item.safety for item in instrument.items)
    for item in instrument.items:
        other: dict[str, dict[str, Any]] = (
            {"turned round": {"reverse": not item.reverse}} if item.counts else {}
        )
        if instrument.has_total and not _in_a_part(instrument, item.id):
            other["counted or not"] = {"counts": not item.counts}
        if watched:
            other["a safety item or not"] = {"safety": not item.safety}
        if item.asked_when:
            other["always asked"] = {"asked_when": None}
        for what, update in other.items():
            if what == "turned round" and not (instrument.has_total or _in_a_part(instrument, item.id)):
                continue
            yield (
                f"item {item.id} {what}",
                _with(instrument, items=_put(instrument.items, item, _with(item, **update))),
            )


def _in_a_part(instrument: Instrument, item_id: str) -> bool:
    return any(item_id in subscale.items for subscale in instrument.subscales)


def _choices(instrument: Instrument) -> Iterator[Changed]:
    """An answer worth something else: it is then not offered as it was given."""
    used = {item.choices for item in instrument.items}
    for name, offered in instrument.choices.items():
        for choice in offered if name in used else ():
            wrong = _put(offered, choice, _with(choice, value=choice.value + 1000))
            yield (
                f"answer {choice.value} of {name}",
                _with(instrument, choices={**instrument.choices, name: wrong}),
            )
    for name, scale in instrument.scales.items():
        ends = {"lowest": scale.lowest + scale.step, "highest": scale.highest - scale.step}
        for end, value in ends.items() if name in used else ():
            wrong_scale = _with(scale, **{end: value})
            yield f"{end} of {name}", _with(instrument, scales={**instrument.scales, name: wrong_scale})


def _counting(instrument: Instrument) -> Iterator[Changed]:
    if not instrument.has_total or instrument.missing is None:
        return
    for scoring in Scoring:
        if scoring is not instrument.scoring and len(instrument.items) > 1:
            yield f"scored as {scoring}", _with(instrument, scoring=scoring)
    counted = sum(item.counts for item in instrument.items)
    for what, missing in _missing(instrument.missing, counted):
        yield what, _with(instrument, missing=missing)


def _missing(missing: Missing, counted: int) -> Iterator[tuple[str, Missing]]:
    if missing.at_most > 0:
        yield "one missing item less", _with(missing, at_most=missing.at_most - 1)
    if missing.at_most + 1 < counted and len(missing.required) < counted:
        yield "one missing item more", _with(missing, at_most=missing.at_most + 1)
    for item in missing.required if missing.at_most else ():
        left = tuple(one for one in missing.required if one != item)
        yield f"item {item} may be missing", _with(missing, required=left)


def _ranges(instrument: Instrument) -> Iterator[Changed]:
    if instrument.has_total:
        for what, reach in _reaches(instrument.range, _unit(instrument)):
            yield what, _with(instrument, range=reach)


def _reaches(reach: Range, unit: float) -> Iterator[tuple[str, Range]]:
    for end in ("lowest", "highest"):
        for step in (-unit, unit):
            yield f"{end} {step:+g}", _with(reach, **{end: getattr(reach, end) + step})


def _edges(bands: Bands, unit: float) -> Iterator[tuple[str, Bands]]:
    for band in bands.of[1:]:
        for step in (-unit, unit):
            moved = _with(band, at_least=band.at_least + step)
            yield f"band {band.id} {step:+g}", _with(bands, of=_put(bands.of, band, moved))


def _subscale(instrument: Instrument, subscale: Subscale) -> Iterator[tuple[str, Subscale]]:
    if not subscale.items:
        for what, reach in _reaches(subscale.range, _unit(instrument)):
            yield what, _with(subscale, range=reach)
    elif len(subscale.items) > 1:
        for item in subscale.items:
            yield f"without item {item}", _with(subscale, items=tuple(i for i in subscale.items if i != item))
    if subscale.missing:
        for what, missing in _missing(subscale.missing, len(subscale.items)):
            yield what, _with(subscale, missing=missing)
    if subscale.bands:
        for what, bands in _edges(subscale.bands, _unit(instrument)):
            yield what, _with(subscale, bands=bands)


def _outcomes(instrument: Instrument) -> Iterator[Changed]:
    if instrument.outcomes is None:
        return
    outcomes = instrument.outcomes
    for outcome in outcomes.of:
        left = tuple(one for one in outcomes.of if one is not outcome)
        yield f"without {outcome.id}", _with(instrument, outcomes=_with(outcomes, of=left))
        for what, other in _outcome(instrument, outcome):
            changed = _with(outcomes, of=_put(outcomes.of, outcome, other))
            yield f"{outcome.id}: {what}", _with(instrument, outcomes=changed)


def _outcome(instrument: Instrument, outcome: Outcome) -> Iterator[tuple[str, Outcome]]:
    for condition in outcome.all_of:
        if isinstance(condition, ScoreFrom):
            updates = _score_from(condition)
        else:
            updates = _at_least(instrument, condition)
        for what, update in updates:
            yield what, _with(outcome, all_of=_put(outcome.all_of, condition, _with(condition, **update)))


def _score_from(condition: ScoreFrom) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for end in ("at_least", "below"):
        value = getattr(condition, end)
        for step in (-1, 1) if value is not None else ():
            yield f"{condition.score} {end} {step:+d}", {end: value + step}


def _at_least(instrument: Instrument, condition: AtLeast) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Values are shifted together, and only to what the items offer; a count only to what can be reached."""
    offered = {item.id: [choice.value for choice in instrument.choices_of(item)] for item in instrument.items}
    for step in (-1, 1):
        shifted = {item: value + step for item, value in condition.of.items()}
        if all(min(offered[item]) <= value <= max(offered[item]) for item, value in shifted.items()):
            yield f"values {step:+d}", {"of": shifted}
        if 0 < condition.count + step <= len(condition.of):
            yield f"count {step:+d}", {"count": condition.count + step}
    if condition.or_refused:
        yield "a refusal does not count", {"or_refused": False}
