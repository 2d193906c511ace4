"""What holds for any stream of events whatever."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.factories.monitoring import CHECKS, Diary, infusion, minute, signed_off

from openkap.core.monitoring.events import Event, Kind
from openkap.core.monitoring.state import state

ORDER, MONITORING = infusion(), signed_off()
TARGETS = st.integers(1, 40).map(lambda n: str(UUID(int=n)))
FIGURES = st.fixed_dictionaries(
    {},
    optional={
        "systolic": st.integers(60, 240), "diastolic": st.integers(30, 140), "heart-rate": st.integers(30, 200),
        "spo2": st.integers(60, 101), "moaas": st.integers(0, 6), "dissociation": st.integers(0, 10),
        "nausea": st.integers(0, 10),
    },
)  # fmt: skip
one_of = st.sampled_from


def payload(**always: object) -> st.SearchStrategy[dict[str, object]]:
    """A payload with these fields; names that begin with `maybe_` are left out at times."""
    given_ = {name: value for name, value in always.items() if not name.startswith("maybe_")}
    maybe = {name.removeprefix("maybe_"): v for name, v in always.items() if name.startswith("maybe_")}
    return st.fixed_dictionaries(given_, optional=maybe)  # type: ignore[arg-type]


ANY_CHECK = one_of([*CHECKS, "limit-warning-signs", "?"])
REPLACED = st.one_of(st.none(), st.just({}), payload(values=FIGURES))
PAYLOADS: dict[Kind, st.SearchStrategy[dict[str, object]]] = {
    Kind.IDENTITY_CHECKED: payload(by=st.lists(one_of(["name", "birth-date", "photo"]), max_size=3)),
    Kind.WEIGHT_MEASURED: payload(kg=one_of(["70", "81.5", "3", "x"])),
    Kind.ESCORT_NAMED: payload(name=one_of(["Ana", ""])),
    Kind.VITALS_RECORDED: payload(values=FIGURES, room_air=one_of([True, False, None])),
    Kind.DOSE_STARTED: payload(amount_mg=one_of(["35.0", "40.7", "99"])),
    Kind.RATE_CHANGED: payload(mg_per_min=one_of(["0.1", "0.5", "0.875", "9"])),
    Kind.DOSE_STOPPED: payload(maybe_given_mg=one_of(["0", "12.5", "99"])),
    Kind.SIGN_SEEN: payload(sign=one_of(["chest-pain", "other", "itch"])),
    Kind.CHECK_RECORDED: payload(condition=ANY_CHECK, met=st.booleans()),
    Kind.DECISION_MADE: payload(
        about=one_of(["gate-pressure-hold", "gate-pressure-block"]), reason=st.just("known")
    ),
    Kind.PHASE_DECLARED: st.just({"phase": "recovery"}),
    Kind.CORRECTED: payload(event=TARGETS, reason=st.just("slip"), maybe_payload=REPLACED),
    Kind.DISCHARGE_DECIDED: payload(
        outcome=one_of(["released", "transferred"]), maybe_override_reason=st.just("why")
    ),
    Kind.NOTE_WRITTEN: payload(text=st.text(max_size=20)),
    Kind.ADDED: payload(text=st.text(max_size=20)),
}
JUNK = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.none()), max_size=2
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[Event, ...]:
    """Any events in any order of time, often after a beginning that lets a dose run."""
    diary = Diary(ORDER, MONITORING)
    if draw(st.booleans()):
        diary.until_dose()
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(Kind))
        said = draw(JUNK if draw(st.integers(0, 9)) == 0 else PAYLOADS.get(kind, st.just({})))
        seq = len(diary.events) + 1
        at = minute(draw(st.integers(-30, 200)))
        diary.events.append(Event(UUID(int=seq), seq, at, "any", kind, said))
    return tuple(diary.events)


@given(streams(), st.integers(-40, 300))
def test_the_state_never_raises_and_every_event_is_applied_rejected_or_taken_back(
    events: tuple[Event, ...], at: int
) -> None:
    now = state(events, ORDER, MONITORING, minute(at))

    counted = {e.id for e in now.applied} | {r.event for r in now.rejected} | {UUID(i) for i in now.corrections}
    assert counted == {e.id for e in events}
    assert not {e.id for e in now.applied} & {r.event for r in now.rejected}


@given(streams(), st.integers(-40, 300))
def test_the_same_events_give_the_same_state(events: tuple[Event, ...], at: int) -> None:
    assert state(events, ORDER, MONITORING, minute(at)) == state(events, ORDER, MONITORING, minute(at))


@given(streams(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter_where_times_differ(
    events: tuple[Event, ...], chance: object
) -> None:
    """Only the signature speaks of storage; so streams without one, each event at its own moment."""
    apart = [
        replace(e, occurred_at=e.occurred_at + timedelta(milliseconds=n))
        for n, e in enumerate(events)
        if e.kind is not Kind.SIGNED
    ]
    shuffled = list(apart)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    renumbered = tuple(replace(e, seq=n) for n, e in enumerate(shuffled, start=1))

    here = state(tuple(apart), ORDER, MONITORING, minute(150))
    there = state(renumbered, ORDER, MONITORING, minute(150))
    assert here.readings == there.readings
    assert here.given_mg == there.given_mg
    assert (here.phase, here.due, here.crossed) == (there.phase, there.due, there.crossed)
    assert (here.to_start, here.to_leave) == (there.to_start, there.to_leave)
    assert set(here.rejected) == set(there.rejected)


@given(streams(), st.integers(-40, 300), st.integers(0, 100))
def test_never_more_is_given_than_ordered_and_never_less_as_time_goes_on(
    events: tuple[Event, ...], at: int, more: int
) -> None:
    now, later = (state(events, ORDER, MONITORING, minute(m)) for m in (at, at + more))

    if now.dose is not None:
        assert Decimal(0) <= now.given_mg <= now.dose.ordered_mg
        assert now.dose.read_mg is not None or now.given_mg <= later.given_mg


@given(streams())
def test_unknown_is_never_met(events: tuple[Event, ...]) -> None:
    """Nothing is met for which no applied event speaks."""
    now = state(events, ORDER, MONITORING, minute(60))
    applied = {e.kind for e in now.applied}

    met = {i.id for i in now.to_start.items if i.met}
    assert Kind.ARRIVED in applied or "arrived" not in met
    assert Kind.IDENTITY_CHECKED in applied or "identity" not in met
    assert Kind.WEIGHT_MEASURED in applied or "weight" not in met
    assert Kind.CHECK_RECORDED in applied or not {i.id for i in now.to_leave.items if i.met} & set(CHECKS)


@given(streams())
def test_no_dose_without_two_identifiers_and_a_weight(events: tuple[Event, ...]) -> None:
    now = state(events, ORDER, MONITORING, minute(60))

    if now.dose is not None:
        assert {Kind.IDENTITY_CHECKED, Kind.WEIGHT_MEASURED} <= {e.kind for e in now.applied}


@given(streams())
def test_nothing_stored_after_a_signature_changes_what_was_signed(events: tuple[Event, ...]) -> None:
    diary = Diary(ORDER, MONITORING).until_leavable()
    diary.add(102, "discharge-decided", outcome="released")
    diary.add(103, "ended")
    diary.add(104, "signed")
    signed = diary.at(150)
    later = tuple(replace(e, id=UUID(int=1000 + n), seq=1000 + n) for n, e in enumerate(events))
    after = state((*diary.events, *later), ORDER, MONITORING, minute(150))

    assert (after.readings, after.given_mg, after.to_leave) == (
        signed.readings,
        signed.given_mg,
        signed.to_leave,
    )
    assert {e.kind for e in after.applied} - {e.kind for e in signed.applied} <= {Kind.ADDED}
