"""What is wrong with a cadence beside the instruments it names; a record with a fault is not shipped."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from openkap.knowledge.schema.cadence import Anchor, Cadence, Line
from openkap.knowledge.schema.instrument import Instrument, Scale

# The days right after a dose, when a questionnaire about weeks would be read as if it measured a day.
RIGHT_AFTER_DOSE = range(1, 4)
SUICIDE_SCREEN = "asq"
OWN_RATING = (0, 10)


def faults_of(cadence: Cadence, instruments: Mapping[str, Instrument]) -> list[str]:
    """Each fault in a sentence, with the line it is in."""
    return [
        *(
            f"{line.id}: {fault}"
            for line in cadence.lines
            for fault in _line_faults(cadence, line, instruments)
        ),
        *(
            f"overlaps: {one.instrument} has no recall beyond {one.least_days} days"
            for one in cadence.overlaps
            if one.instrument not in instruments or instruments[one.instrument].recall_days <= one.least_days
        ),
    ]


def may_follow_a_dose(instrument: Instrument) -> bool:
    """Whether it may be asked right after a dose: the suicide screen, and own ratings from 0 to 10."""
    return instrument.id == SUICIDE_SCREEN or (
        bool(instrument.scales)
        and not instrument.choices
        and instrument.recall_days <= 1
        and all(_is_own_rating(scale) for scale in instrument.scales.values())
    )


def _is_own_rating(scale: Scale) -> bool:
    return (scale.lowest, scale.highest) == OWN_RATING


def _line_faults(cadence: Cadence, line: Line, instruments: Mapping[str, Instrument]) -> Iterator[str]:
    for name in line.instruments:
        known = instruments.get(name)
        if known is None:
            yield f"there is no instrument {name}"
            continue
        if known.respondent is not line.filled_in_by:
            yield f"{name} is filled in by the {known.respondent.value}"
        if _is_right_after_dose(line) and not may_follow_a_dose(known):
            yield f"{name} may not be asked right after a dose"
        least = cadence.least_days(name, known.recall_days)
        if (gap := _shortest_gap(line)) is not None and gap < least:
            yield f"{name} would be asked again after {gap} days; it asks about {known.recall_days}"


def _is_right_after_dose(line: Line) -> bool:
    is_dose = line.anchor in {Anchor.EACH_DOSE, Anchor.LAST_DOSE}
    return is_dose and any(day in RIGHT_AFTER_DOSE for day in line.days)


def _shortest_gap(line: Line) -> int | None:
    gaps = [later - earlier for earlier, later in pairwise(line.days)]
    if line.repeat:
        gaps.append(line.repeat.every_days)
    return min(gaps, default=None)
