"""Medical clearance as its pages show it: each item with its state in words, and readings of blood pressure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.assessment.clearing import latest_decision_on, results_of, waivers_in_force
from openkap.apps.assessment.models import ClearanceDecision, ClearanceResult, ClearanceWaiver
from openkap.apps.assessment.queries import pressure_series_of
from openkap.apps.assessment.shown import AUTHORITIES, VERIFICATIONS
from openkap.apps.chart import queries as chart
from openkap.apps.chart.entries import ENTRIES
from openkap.apps.chart.forms import in_language
from openkap.core.assessment.clearance import ClearanceState, ItemState, Reason
from openkap.core.assessment.pressure_limits import PressureLimit
from openkap.knowledge.schema.record import Source
from openkap.knowledge.schema.rule import Action

if TYPE_CHECKING:
    from openkap.apps.assessment.models import PressureSeries
    from openkap.apps.chart.models import Observation
    from openkap.apps.people.models import Patient

Words = str | Promise
# the state of `{% pill %}`, and its word
STATES: dict[ClearanceState, tuple[str, Words]] = {
    ClearanceState.VALID: ("ok", gettext_lazy("Valid")),
    ClearanceState.EXPIRING: ("due", gettext_lazy("Runs out soon")),
    ClearanceState.EXPIRED: ("over", gettext_lazy("Expired")),
    ClearanceState.MISSING: ("unknown", gettext_lazy("Missing")),
    ClearanceState.UNREAD: ("due", gettext_lazy("To be read")),
    ClearanceState.ABNORMAL: ("warn", gettext_lazy("Abnormal: decide")),
    ClearanceState.HELD: ("blocked", gettext_lazy("Held")),
    ClearanceState.REFERRED: ("due", gettext_lazy("Referred")),
    ClearanceState.NOT_NEEDED: ("info", gettext_lazy("Not needed")),
    ClearanceState.WAIVED: ("warn", gettext_lazy("Waived")),
}
REASONS: dict[Reason, Words] = {
    Reason.DECLINED: gettext_lazy("the medical director declined it for this site"),
    Reason.TREATMENT: gettext_lazy("not for this drug, route or indication"),
    Reason.SEX: gettext_lazy("not for this person's recorded sex"),
    Reason.AGE: gettext_lazy("not at this age"),
    Reason.CONDITION: gettext_lazy("no such condition is on record"),
}
GROUPS: dict[str, Words] = {
    "circulation": gettext_lazy("Circulation and size"),
    "laboratory": gettext_lazy("Laboratory"),
    "screening": gettext_lazy("Screening"),
    "examination": gettext_lazy("Examination"),
    "specialist": gettext_lazy("Specialists"),
}
MOST_READINGS = 24  # on the figure


@dataclass(frozen=True)
class ShownItem:
    """One item ready for a page."""

    id: str
    title: str
    why: str
    group: str
    tone: str
    word: str
    detail: str
    state: ItemState
    result: ClearanceResult | None
    decision: ClearanceDecision | None
    waiver: ClearanceWaiver | None
    values: str
    authority: str
    verification: str


@dataclass(frozen=True)
class PressurePoint:
    """One reading, in mmHg, at its local time; `how` is set where it belongs to a series."""

    at: datetime
    systolic: float
    diastolic: float
    how: str = ""


def shown_items(patient: "Patient", states: Iterable[ItemState], on: date) -> list[ShownItem]:
    """The items in their order, each with the result and waiver it rests on."""
    results = {row.item_id: row for row in reversed(results_of(patient))}
    waivers = {row.item_id: row for row in waivers_in_force(patient, on)}
    items = list(states)
    newest = chart.newest_observations(patient, {code for one in items for code in _codes(one)})
    return [_shown(one, results.get(one.item.id), waivers.get(one.item.id), newest) for one in items]


def _shown(
    one: ItemState,
    result: ClearanceResult | None,
    waiver: ClearanceWaiver | None,
    newest: Mapping[str, "Observation"],
) -> ShownItem:
    tone, word = STATES[one.state]
    item = one.item
    return ShownItem(
        id=item.id,
        title=in_language(item.title),
        why=in_language(item.why),
        group=str(GROUPS[item.group]),
        tone=tone,
        word=str(word),
        detail=_detail(one),
        state=one,
        result=result,
        decision=latest_decision_on(result) if result else None,
        waiver=waiver,
        values=_values(one, newest),
        authority=str(AUTHORITIES[item.authority]),
        verification=str(VERIFICATIONS[item.verification]),
    )


def _detail(one: ItemState) -> str:
    """When it was done and how long it counts, or why it does not."""
    if one.reason is not None:
        return str(REASONS[one.reason])
    until = _day(one.valid_until) if one.valid_until else ""
    if one.state is ClearanceState.WAIVED:
        return _("until %(day)s") % {"day": until}
    if one.state is ClearanceState.MISSING:
        return _what_is_missing(one)
    done = _day(one.done_on) if one.done_on else ""
    if one.state is ClearanceState.EXPIRED:
        return _("done %(done)s, counted until %(until)s") % {"done": done, "until": until}
    return _("done %(done)s, valid until %(until)s") % {"done": done, "until": until}


def _what_is_missing(one: ItemState) -> str:
    if one.readings and one.item.readings > 1:
        return _("%(n)s of %(all)s readings on one day") % {"n": one.readings, "all": one.item.readings}
    if one.missing and len(one.missing) < len(one.item.parts):
        parts = ", ".join(in_language(part.title) for part in one.missing)
        return _("lacks: %(parts)s") % {"parts": parts}
    return _("no result yet")


def _codes(one: ItemState) -> set[str]:
    """The values that are shown of an item; readings that come in numbers have a figure of their own."""
    return set() if one.item.readings > 1 else {code for part in one.item.parts for code in part.loinc}


def _values(one: ItemState, newest: Mapping[str, "Observation"]) -> str:
    """The newest values of its parts, as the chart has them."""
    if one.item.readings > 1:
        return ""
    found = []
    for part in one.item.parts:
        rows = [newest[code] for code in part.loinc if code in newest]
        if row := max(rows, key=chart.is_newer, default=None):
            said = f"{chart.shown(row.value)} {row.unit}" if row.value is not None else row.value_text
            found.append(f"{in_language(part.title)} {said}".strip())
    return ", ".join(found)


def readings_of(patient: "Patient") -> list[PressurePoint]:
    """The newest readings that have a time and both pressures, oldest first."""
    upper, lower = (ENTRIES[f"blood-pressure-{part}"].loinc for part in ("systolic", "diastolic"))
    how = {panel: _how(row) for row in pressure_series_of(patient) for panel in row.panel_ids}
    zone = ZoneInfo(patient.site.time_zone)
    halves: dict[str, dict[str, float]] = {}
    times: dict[str, datetime] = {}
    for row in chart.observations_of(patient, upper, lower)[: 4 * MOST_READINGS]:
        if row.panel_id and row.value is not None and row.measured_at and row.unit_code == "mm[Hg]":
            halves.setdefault(row.panel_id, {})[row.code] = float(row.value)
            times[row.panel_id] = row.measured_at.astimezone(zone)
    whole = [panel for panel, parts in halves.items() if {upper, lower} <= set(parts)]
    points = [PressurePoint(times[p], halves[p][upper], halves[p][lower], how.get(p, "")) for p in whole]
    return sorted(points, key=lambda point: point.at)[-MOST_READINGS:]


def _how(row: "PressureSeries") -> str:
    return _("%(position)s, %(arm)s, after %(n)s min of rest") % {
        "position": row.get_position_display(),
        "arm": row.get_arm_display(),
        "n": row.rest_minutes,
    }


def roles_in_words(names: Iterable[str]) -> str:
    """Roles by name, for 'can be waived by'."""
    return ", ".join(str(ROLE_NAMES[Role(name)]) for name in names)


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


ACTIONS: dict[Action, Words] = {
    Action.BLOCK: gettext_lazy("do not give"),
    Action.HOLD: gettext_lazy("hold"),
    Action.WARN: gettext_lazy("weigh"),
    Action.TASK: gettext_lazy("weigh"),
    Action.INFORM: gettext_lazy("weigh"),
}


@dataclass(frozen=True)
class ShownLimit:
    """One record's limit in words; `concerns` is false where it is not about this person."""

    record_id: str
    title: str
    words: str
    systolic: float | None
    diastolic: float | None
    above: str
    action_word: str
    authority: str
    verification: str
    sources: tuple[Source, ...]
    acts: bool
    concerns: bool
    before_each_dose: bool


def shown_limits(limits: Iterable[PressureLimit]) -> list[ShownLimit]:
    """The limits in their order; one whose reach is not known counts as about this person."""
    return [
        ShownLimit(
            record_id=one.record_id,
            title=in_language(one.title),
            words=in_language(one.words),
            systolic=one.systolic,
            diastolic=one.diastolic,
            above=f"{_number(one.systolic)}/{_number(one.diastolic)}",
            action_word=str(ACTIONS[one.action]),
            authority=str(AUTHORITIES[one.authority]),
            verification=str(VERIFICATIONS[one.verification]),
            sources=one.sources,
            acts=one.acts,
            concerns=one.concerns is not False,
            before_each_dose=one.before_each_dose,
        )
        for one in limits
    ]


def _number(value: float | None) -> str:
    return f"{value:g}" if value is not None else "?"
