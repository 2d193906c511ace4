"""A site's own minutes: stricter freely, looser only as signed, and never beyond the bound."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment.risk_timing import (
    AGAIN,
    ALERT,
    REVIEW,
    Timing,
    decision_key,
    in_force,
    looser,
    out_of_bounds,
    step_key,
    timed,
    timing_of_records,
)
from openkap.knowledge.schema.risk_pathway import Opens, Steps

KNOWN = knowledge.load(date(2026, 11, 21))
RECORD = timing_of_records(KNOWN.risk_responses.values(), KNOWN.risk_pathways.values())
STAY = step_key(Opens.ACUTE, "stay")
NONE = frozenset[str]()


def test_the_records_say_all_of_it() -> None:
    assert (RECORD.minutes[ALERT], RECORD.minutes[AGAIN], RECORD.review_hour) == (15, 30, 24)
    assert RECORD.roles[ALERT] == ("prescriber", "medical-director")
    assert (RECORD.minutes[STAY], RECORD.roles[STAY]) == (10, ("prescriber",))
    assert RECORD.minutes[decision_key(Opens.HIGH)] == 60


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (Timing({ALERT: 10, STAY: 10}), ()),
        (Timing({ALERT: 16}), (ALERT,)),
        (Timing(roles={ALERT: ("monitor", "prescriber", "medical-director")}), ()),
        (Timing(roles={ALERT: ("medical-director",)}), (ALERT,)),
        (Timing(roles={ALERT: ("medical-director", "prescriber")}), ()),
        (Timing(roles={STAY: ("medical-director",)}), ()),
        (Timing(roles={STAY: ("therapist",)}), (STAY,)),
        (Timing(review_hour=17), ()),
    ],
)
def test_what_asks_less_than_the_record_is_told(own: Timing, expected: tuple[str, ...]) -> None:
    assert looser(own, RECORD) == expected


@pytest.mark.parametrize(
    "own",
    [
        Timing({ALERT: 0}),
        Timing({ALERT: 61}),
        Timing({"step:acute:nothing": 5}),
        Timing(roles={ALERT: ()}),
        Timing(roles={ALERT: ("researcher",)}),
        Timing(review_hour=25),
        Timing(review_hour=0),
    ],
)
def test_some_values_no_signature_makes_hold(own: Timing) -> None:
    assert len(out_of_bounds(own, RECORD, 4)) == 1
    everything = frozenset({*RECORD.minutes, REVIEW})
    assert in_force(own, RECORD, signed=everything, factor=4) == RECORD


def test_what_is_looser_holds_only_where_it_was_signed() -> None:
    own = Timing({ALERT: 20, STAY: 5}, {ALERT: ("medical-director",)})
    unsigned = in_force(own, RECORD, signed=NONE, factor=4)
    assert (unsigned.minutes[ALERT], unsigned.minutes[STAY]) == (15, 5)
    assert unsigned.roles[ALERT] == RECORD.roles[ALERT]
    signed = in_force(own, RECORD, signed=frozenset({ALERT}), factor=4)
    assert (signed.minutes[ALERT], signed.roles[ALERT]) == (20, ("medical-director",))


def test_when_the_record_becomes_stricter_what_was_strict_before_gives_way() -> None:
    own = Timing({ALERT: 10})
    stricter = Timing({**RECORD.minutes, ALERT: 5}, RECORD.roles, RECORD.review_hour)
    assert in_force(own, stricter, signed=NONE, factor=4).minutes[ALERT] == 5


def test_a_step_takes_the_minutes_and_the_role_that_hold() -> None:
    content = KNOWN.risk_pathways["risk-steps-acute"].content
    assert isinstance(content, Steps)
    own = in_force(Timing({STAY: 5}, {STAY: ("medical-director",)}), RECORD, signed=NONE, factor=4)
    step = timed(content.steps[0], Opens.ACUTE, own)
    assert (step.id, step.within_minutes, step.escalate_to) == ("stay", 5, "medical-director")
