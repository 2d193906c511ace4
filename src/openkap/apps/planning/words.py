"""Plans and visits in words, for pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openkap.apps.planning.compiling import reasons_of
from openkap.apps.planning.models import Visit
from openkap.apps.planning.states import VISIT_STATE_NAMES, VisitState
from openkap.core.planning import PlannedVisit, Reason, ReasonCode, place_in_window
from openkap.knowledge.schema.protocol import Protocol, VisitKind
from openkap.knowledge.schema.record import Text, Verification
from openkap.units import Drug, Route

STATUS = {
    VisitState.PLANNED: "planned",
    VisitState.ARRIVED: "info",
    VisitState.DONE: "ok",
    VisitState.CANCELLED: "unknown",
    VisitState.MISSED: "over",
}


@dataclass(frozen=True)
class VisitRow:
    """A visit as a list shows it."""

    label: str
    window: str
    reasons: list[str]
    status: str
    state: str
    measures: list[str]


def said(text: Text) -> str:
    """A knowledge text in the reader's language, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en


def row_of(visit: Visit, protocol: Protocol, now: datetime) -> VisitRow:
    """One stored visit in words."""
    late = visit.state == VisitState.PLANNED.value and visit.starts_at + timedelta(hours=1) < now
    state = VisitState(visit.state)
    return VisitRow(
        label=label_of(visit, protocol),
        window=window_words(visit, protocol),
        reasons=[reason_words(reason) for reason in reasons_of(visit)],
        status="due" if late else STATUS[state],
        state=_("Not recorded yet") if late else str(VISIT_STATE_NAMES[state]),
        measures=[measure.upper() for measure in visit.measures],
    )


def preview_row(visit: PlannedVisit, protocol: Protocol) -> VisitRow:
    """One visit of a plan that has not started."""
    return VisitRow(
        label=label_of(visit, protocol),
        window=window_words(visit, protocol),
        reasons=[reason_words(reason) for reason in visit.reasons],
        status="planned",
        state=str(VISIT_STATE_NAMES[VisitState.PLANNED]),
        measures=[measure.upper() for measure in visit.measures],
    )


def dose_words(protocol: Protocol) -> str:
    """'0.5 mg/kg over 40 min, ketamine, into a vein'."""
    drugs = {Drug.KETAMINE: _("ketamine"), Drug.ESKETAMINE: _("esketamine")}
    routes = {
        Route.IV: _("into a vein"),
        Route.IM: _("into a muscle"),
        Route.SC: _("under the skin"),
        Route.SL: _("under the tongue"),
        Route.BUCCAL: _("in the cheek"),
        Route.PO: _("by mouth"),
        Route.IN: _("nasal spray"),
    }
    return f"{protocol.dose}, {drugs[protocol.drug]}, {routes[protocol.route]}"


def label_of(visit: Visit | PlannedVisit, protocol: Protocol) -> str:
    """'Dose 3 of 6', 'Integration after dose 3', or what the protocol calls it."""
    if visit.kind == VisitKind.DOSING.value:
        return _("Dose %(number)d of %(count)d") % {"number": visit.dose_number, "count": protocol.dose_count}
    spec = next((one for one in protocol.visits if one.id == visit.around), None)
    name = said(spec.label) if spec else str(visit.kind)
    if spec is None or spec.anchor != "after-each-dose":
        return name
    return _("%(visit)s after dose %(number)d") % {"visit": name, "number": visit.dose_number}


def window_words(visit: Visit | PlannedVisit, protocol: Protocol) -> str:
    """Between when the protocol wants the visit, on the site's clock; for integration, the hours as planned."""
    if visit.kind == VisitKind.DOSING.value:
        return ""
    zone = ZoneInfo(visit.time_zone) if isinstance(visit, Visit) else visit.zone
    between = _("%(from)s to %(to)s") % {"from": _when(visit.earliest, zone), "to": _when(visit.latest, zone)}
    if visit.kind != VisitKind.INTEGRATION.value:
        return between
    return f"{_hours_as_planned(visit, protocol)}; {between}"


def _hours_as_planned(visit: Visit | PlannedVisit, protocol: Protocol) -> str:
    spec = next((one for one in protocol.visits if one.id == visit.around), None)
    dose_at = visit.latest - spec.most if spec else visit.earliest
    place = place_in_window(protocol.integration_window, [dose_at], visit.starts_at)
    values = {
        "hours": round(place.hours or 0),
        "number": visit.dose_number,
        "first": span_words(protocol.integration_window.first_within),
        "second": span_words(protocol.integration_window.second_within),
    }
    words = {
        "first": _("%(hours)d h after dose %(number)d as planned, inside %(first)s (hypothesis)"),
        "second": _("%(hours)d h after dose %(number)d as planned, inside %(second)s (hypothesis)"),
    }
    outside = _("%(hours)d h after dose %(number)d as planned, outside the window (hypothesis)")
    return words.get(place.place.value, outside) % values


def span_words(span: timedelta) -> str:
    """'48 h', from three days on '7 days': as people speak of a window."""
    hours = span / timedelta(hours=1)
    return _("%(n)g h") % {"n": hours} if hours <= 72 else _("%(n)g days") % {"n": hours / 24}


def reason_words(reason: Reason) -> str:
    """Why a visit lies where it lies."""
    day = formats.date_format(reason.meant, "D j M") if reason.meant else ""
    words = {
        ReasonCode.CLOSED_DAY: _("%(day)s is closed"),
        ReasonCode.PREFERRED_WEEKDAY: _("moved from %(day)s to a weekday that suits better"),
        ReasonCode.FOR_INTEGRATION: _("moved from %(day)s so that integration can follow in time"),
        ReasonCode.GAP_LONGER: _("later than the protocol's longest gap: no open day before"),
        ReasonCode.OUTSIDE_WINDOW: _("outside the protocol's window"),
        ReasonCode.MOVED_BY_HAND: _("moved from %(day)s"),
        ReasonCode.SPACING_KEPT: _("moved from %(day)s to keep the doses apart"),
    }
    return words[reason.code] % {"day": day}


def verification_words(verification: Verification) -> str:
    """How a statement was checked."""
    words = {
        Verification.SOURCE: _("read in the source"),
        Verification.SECONDARY: _("read in a secondary source"),
        Verification.MEMORY: _("from memory"),
        Verification.CONVENTION: _("practice convention"),
    }
    return words[verification]


def _when(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{formats.date_format(local, 'D j M')} {local:%H:%M}"
