"""Ready to start, ready to leave: each thing met, missing, too early or unknown. Unknown is never met."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from openkap.core.monitoring.limits import crossed_limits, crossing
from openkap.core.monitoring.progress import Progress, Reading, Single
from openkap.knowledge.schema.monitoring import Condition, Gate, Leave, LeaveAfter, Limit, Start, Vital
from openkap.knowledge.schema.record import Text

PRESSURE = (Vital.SYSTOLIC, Vital.DIASTOLIC)
_NOBODY = UUID(int=0)  # readings put together from several events
IDENTIFIERS_NEEDED = 2  # DEFINITIONS: identity is checked with two identifiers; no override


class Standing(StrEnum):
    """How one thing stands; in the order in which it is shown."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    TOO_EARLY = "too-early"
    MET = "met"


@dataclass(frozen=True)
class Item:
    """One thing to be so. `label` is the record's own words; without them `id` names it."""

    id: str
    standing: Standing
    who: str = "monitor"
    label: Text | None = None
    value: str = ""
    baseline: str = ""
    at: datetime | None = None
    record: str = ""

    @property
    def met(self) -> bool:
        return self.standing is Standing.MET


@dataclass(frozen=True)
class Readiness:
    """All items, what is missing first."""

    items: tuple[Item, ...] = field(default=())

    @property
    def ready(self) -> bool:
        return bool(self.items) and all(item.met for item in self.items)

    @property
    def lacking(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items if not item.met)

    @classmethod
    def of(cls, items: list[Item]) -> "Readiness":
        return cls(tuple(sorted(items, key=lambda item: list(Standing).index(item.standing))))


def _standing(met: bool | None) -> Standing:
    if met is None:
        return Standing.UNKNOWN
    return Standing.MET if met else Standing.MISSING


def _shown(value: float) -> str:
    return f"{value:g}"


# --- to start ---------------------------------------------------------------------------------------------


def to_start(progress: Progress) -> Readiness:
    """What must be so before a dose, from the records in scope."""
    items = [_consent(progress), _suicide_risk(progress), *_clearance(progress), *_decisions_of_site(progress)]
    for record, start in progress.monitoring.of(Start):
        items += [_fact(progress, name, record.id) for name in start.facts]
        items += _baseline(progress, start, record.id)
    items += [_gate(progress, record.id, gate, record.title) for record, gate in progress.monitoring.of(Gate)]
    return Readiness.of(items)


def _consent(progress: Progress) -> Item:
    """DEFINITIONS: no valid consent, no dose, and no override. So it is asked whatever the records say."""
    return Item("consent", _standing(progress.order.consented), "prescriber")


def _suicide_risk(progress: Progress) -> Item:
    """No dose at high risk, nor while a psychiatrist's decision is open; asked whatever the records say."""
    return Item("suicide-risk", _standing(progress.order.risk_allows), "prescriber")


def _clearance(progress: Progress) -> list[Item]:
    """What is missing or has expired, one by one; asked whatever the records say.

    It is answered where it is kept: by a result, or by a waiver with role, reason and expiry.
    """
    lacking = progress.order.uncleared
    if not lacking:
        return [Item("clearance", _standing(None if lacking is None else True), "prescriber")]
    return [
        Item(f"clearance:{one.item}", Standing.MISSING, "prescriber", one.title, value=one.state)
        for one in lacking
    ]


def _decisions_of_site(progress: Progress) -> list[Item]:
    """One item per record that waits for the director's sign-off, and per kind that no record covers."""
    waiting = [
        Item(f"site-decision:{r.id}", Standing.UNKNOWN, "medical-director", r.title, record=r.id)
        for r in progress.monitoring.undecided
    ]
    return waiting + [
        Item(f"no-record:{kind.lower()}", Standing.UNKNOWN, "medical-director")
        for kind in progress.monitoring.absent
    ]


def _fact(progress: Progress, name: str, record: str) -> Item:
    weight = progress.weight_kg
    known, value, at = {
        "arrived": (progress.arrived_at is not None, "", progress.arrived_at),
        "identity": (len(progress.identified_by) >= IDENTIFIERS_NEEDED, "", progress.identified_at),
        "escort-named": (bool(progress.escort), progress.escort, progress.escort_at),
        "weight": (weight is not None, "" if weight is None else f"{weight:f}", None),
    }[name]
    return Item(name, _standing(True if known else None), value=value, at=at, record=record)


def _baseline(progress: Progress, start: Start, record: str) -> list[Item]:
    return [
        Item(
            f"baseline:{vital}",
            _standing(True if found else None),
            value=_shown(found.value) if found else "",
            at=found.at if found else None,
            record=record,
        )
        for vital in start.baseline
        for found in [progress.baseline(vital)]
    ]


def _gate(progress: Progress, record: str, gate: Gate, title: Text) -> Item:
    """Whether the last readings before the dose let it start; a hold gives way to a prescriber's decision."""
    last = {b.vital: progress.baseline(b.vital) for b in gate.any_of}
    known = {vital: single for vital, single in last.items() if single is not None}
    who = "prescriber" if gate.action == "hold" else "nobody"
    if len(known) < len(last):
        return Item(record, Standing.UNKNOWN, label=title, record=record)
    reading = _as_reading(known)
    crossed = crossing(gate.any_of, reading, progress.order.age)
    decided = progress.decisions.get(record)
    freed = gate.action == "hold" and decided is not None and decided >= reading.at
    value = "/".join(_shown(single.value) for single in known.values())
    return Item(record, _standing(not crossed or freed), who, title, value=value, at=reading.at, record=record)


def _as_reading(singles: dict[Vital, Single]) -> Reading:
    some = next(iter(singles.values()))
    latest = max((s.at for s in singles.values()), default=some.at)
    values = {vital: single.value for vital, single in singles.items()}
    return Reading(_NOBODY, latest, values, frozenset(), None, "")


# --- to leave ---------------------------------------------------------------------------------------------


def to_leave(progress: Progress, now: datetime) -> Readiness:
    """What must be so before the patient leaves. Predicted levels never count. Empty before a dose."""
    if progress.dose is None:
        return Readiness()
    items = [_stayed(progress, record.id, after, now) for record, after in progress.monitoring.of(LeaveAfter)]
    for record, leave in progress.monitoring.of(Leave):
        items += [_condition(progress, condition, record.id) for condition in leave.conditions]
    items += [
        Item(f"open-step:{c.limit}", Standing.MISSING, c.owner, c.title, at=c.due_at, record=c.limit)
        for c in crossed_limits(progress)
    ]
    items += [
        Item(f"no-record:{kind.lower()}", Standing.UNKNOWN, "medical-director")
        for kind in progress.monitoring.absent
    ]
    return Readiness.of(items)


def earliest_leave(progress: Progress) -> datetime | None:
    """The end of the longest stay that is asked; None while its start is not recorded."""
    times = [_stay_ends(progress, after) for _, after in progress.monitoring.of(LeaveAfter)]
    known = [t for t in times if t is not None]
    return max(known) if known and len(known) == len(times) else None


def _stay_ends(progress: Progress, after: LeaveAfter) -> datetime | None:
    if progress.dose is None:
        return None
    begun = progress.dose.over_at if after.after == "dose-end" else progress.dose.started_at
    return begun + timedelta(minutes=after.minutes) if begun else None


def _stayed(progress: Progress, record: str, after: LeaveAfter, now: datetime) -> Item:
    ends = _stay_ends(progress, after)
    standing = Standing.UNKNOWN if ends is None else Standing.MET if now >= ends else Standing.TOO_EARLY
    return Item(f"stay:{after.after}", standing, value=str(after.minutes), at=ends, record=record)


def _condition(progress: Progress, condition: Condition, record: str) -> Item:
    judged = {
        "confirmed": _confirmed,
        "escort-present": _confirmed,
        "at-baseline": _at_baseline,
        "exactly": _exactly,
        "pressure-falling": _pressure_falling,
    }[condition.kind]
    met, value, baseline, at = judged(progress, condition)
    if not met and condition.or_confirmed:
        said = _confirmed(progress, condition)
        if said[0] is not None:
            met, at = said[0], said[3]
    return Item(condition.id, _standing(met), "monitor", condition.label, value, baseline, at, record)


Judged = tuple[bool | None, str, str, datetime | None]


def _confirmed(progress: Progress, condition: Condition) -> Judged:
    """An answer counts when it was given after the dose began."""
    found = progress.checks.get(condition.id)
    if found is None or progress.dose is None or found[1] < progress.dose.started_at:
        return None, progress.escort if condition.kind == "escort-present" else "", "", None
    return found[0].met, "", "", found[1]


def _last_after_dose(progress: Progress, vital: Vital) -> Single | None:
    values = progress.since_dose(vital)
    return values[-1] if values else None


def _exactly(progress: Progress, condition: Condition) -> Judged:
    last = _last_after_dose(progress, condition.vital) if condition.vital else None
    if last is None:
        return None, "", "", None
    return last.value == condition.value, _shown(last.value), "", last.at


def _at_baseline(progress: Progress, condition: Condition) -> Judged:
    if condition.vital is None:
        return None, "", "", None
    last, base = _last_after_dose(progress, condition.vital), progress.baseline(condition.vital)
    if last is None or base is None:
        return None, _shown(last.value) if last else "", _shown(base.value) if base else "", None
    # Saturation must have come back up; scores must have come back down.
    back: bool | None = last.value >= base.value if condition.vital is Vital.SPO2 else last.value <= base.value
    if condition.room_air and last.room_air is not True:
        return (
            (None if back and last.room_air is None else False),
            _shown(last.value),
            _shown(base.value),
            last.at,
        )
    return back, _shown(last.value), _shown(base.value), last.at


def _pressure_falling(progress: Progress, _condition: Condition) -> Judged:
    """Both figures below the session's peak, or back at baseline, and below every limit in force."""
    lasts = [_last_after_dose(progress, vital) for vital in PRESSURE]
    if progress.dose is None or any(last is None for last in lasts):
        return None, "", "", None
    known = [last for last in lasts if last is not None]
    falling = all(_fell(progress, vital) for vital in PRESSURE)
    reading = _as_reading(dict(zip(PRESSURE, known, strict=True)))
    limits = [limit for _, limit in progress.monitoring.of(Limit)]
    beyond = any(crossing(limit.any_of, reading, progress.order.age) for limit in limits)
    return falling and not beyond, "/".join(_shown(s.value) for s in known), "", known[-1].at


def _fell(progress: Progress, vital: Vital) -> bool:
    values = progress.since_dose(vital)
    base = progress.baseline(vital)
    at_baseline = base is not None and values[-1].value <= base.value
    return at_baseline or values[-1].value < max(s.value for s in values)
