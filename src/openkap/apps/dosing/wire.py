"""The state of a session as the console takes it: absolute times, words in the viewer's language.

The browser computes no clinical state: what is due, open, missing or possible is said here.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.dosing.forecasting import forecast_key
from openkap.apps.dosing.lines import lines_of
from openkap.apps.dosing.models import Event, Session
from openkap.apps.dosing.ordering import protocol_dose_of
from openkap.apps.dosing.wording import CLEARANCE, PHASES, SHOWN_UNITS, VITALS, WHO, item_words, said
from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.due import Due
from openkap.core.monitoring.limits import Crossed
from openkap.core.monitoring.readiness import Item, Readiness, Standing
from openkap.core.monitoring.rules import Monitoring
from openkap.core.monitoring.state import Delivery, Phase, SessionState
from openkap.knowledge.schema.monitoring import Leave, Limit, Vital

Json = dict[str, Any]
TENTH = Decimal("0.1")
PRESSURE = (Vital.SYSTOLIC, Vital.DIASTOLIC)
ROUTES = {
    "iv": "IV", "im": "IM", "sc": "SC", "sl": "SL", "buccal": "buccal", "po": "PO", "in": "IN",
}  # fmt: skip


def state_json(session: Session, state: SessionState, monitoring: Monitoring, events: list[Event]) -> Json:
    """Everything the console shows of one session, after its last stored event."""
    return {
        "seq": session.last_seq,
        "now": stamp(state.at),
        "phase": _phase(state),
        "zero": stamp(state.zero),
        "arrived_at": next((stamp(i.at) for i in state.to_start.items if i.id == "arrived"), None),
        "dose": _dose(state),
        "order": order_json(session, state),
        "due": [_due(item) for item in state.due],
        "crossed": [_crossed(c) for c in state.crossed],
        "to_start": _readiness(state.to_start, _start_action, _places(session)),
        "to_leave": _readiness(state.to_leave, _leave_actions(monitoring), {}),
        "readings": [
            {"at": stamp(r.at), "values": dict(r.values), "not_asked": sorted(r.not_asked)}
            for r in state.readings
        ],
        "last": _last(state),
        "lines": lines_of(events, state),
        "limits": _limit_lines(monitoring),
        "entry": _entry(state),
        "signs": [{"id": s.id, "words": said(s.label)} for s in monitoring.symptoms().values()],
        "ended": state.ended_at is not None,
        "signed": _signed(session),
        "next": next_acts(state),
        "forecast_key": forecast_key(state),
    }


def stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _phase(state: SessionState) -> Json:
    order = list(Phase)[:-1]
    index = min(order.index(state.phase) if state.phase in order else len(order), len(order) - 1)
    following = order[index + 1] if index + 1 < len(order) and state.phase is not Phase.ENDED else None
    ends = state.ends_at if state.phase is Phase.DOSING and state.delivery is Delivery.RUNNING else None
    return {
        "id": state.phase.value,
        "words": str(PHASES[state.phase]),
        "index": index,
        "of": len(order),
        "then": _("then %(phase)s") % {"phase": str(PHASES[following]).lower()} if following else "",
        "then_at": stamp(ends),
    }


def _dose(state: SessionState) -> Json:
    dose = state.dose
    rate = state.rate_mg_per_min
    return {
        "delivery": state.delivery.value,
        "ordered_mg": plain(state.ordered_mg),
        "given_mg": plain(state.given_mg.quantize(TENTH)) or "0",
        "rate": f"{float(rate):.3g} mg/min" if rate else "",
        "started_at": stamp(dose.started_at) if dose else None,
        "ends_at": stamp(state.ends_at),
        "over_at": stamp(dose.over_at) if dose else None,
        "ran_until": stamp(_ran_until(dose)) if dose else None,
        "can_pause": state.delivery is Delivery.RUNNING,
    }


def _ran_until(dose: Dose) -> datetime | None:
    """When the last of it went in, once the dose is over: its end may be confirmed later."""
    portions = dose.portions()
    return portions[-1].until if dose.over_at is not None and portions else dose.over_at


def plain(amount: Decimal | None) -> str | None:
    """35.0 as '35', 27.7 as '27.7'."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def order_json(session: Session, state: SessionState) -> Json:
    """The order in words: the amount, the way, and what it rests on."""
    amount = plain(state.ordered_mg)
    route = ROUTES[session.route]
    minutes = session.duration_seconds // 60
    way = _("%(route)s over %(minutes)s min") % {"route": route, "minutes": minutes} if minutes else route
    drug = {"ketamine": _("Ketamine"), "esketamine": _("Esketamine")}[session.drug]
    per_kg = plain(session.mg_per_kg)
    weight = plain(state.weight_kg)
    if per_kg is None:
        detail = _devices(session, state) + _("fixed amount, free base")
    elif weight is None:
        detail = _("%(per_kg)s mg/kg of base · weigh today") % {"per_kg": per_kg}
    else:
        detail = _("%(per_kg)s mg/kg of base · %(kg)s kg, weighed today") % {"per_kg": per_kg, "kg": weight}
    return {
        "amount": f"{drug} {amount} mg" if amount else drug,
        "way": way,
        "detail": detail,
        "pump": _pump(session, state.ordered_mg),
    }


def _pump(session: Session, amount: Decimal | None) -> str:
    """The rate at which the ordered amount runs in over the ordered time; '' for what is given at once."""
    if amount is None or not session.duration_seconds:
        return ""
    per_minute = float(amount) * 60 / session.duration_seconds
    rates = {"hour": f"{per_minute * 60:.4g}", "minute": f"{per_minute:.4g}"}
    return _("Pump: %(hour)s mg/h (%(minute)s mg/min)") % rates


def _devices(session: Session, state: SessionState) -> str:
    """How many devices the amount is and how far apart they are given, where the protocol counts in devices."""
    plan = protocol_dose_of(session, state.at)
    if plan is None or plan.device is None or plan.devices_apart is None or state.ordered_mg is None:
        return ""
    each = plan.device.to("mg").magnitude
    count, rest = divmod(state.ordered_mg, each)
    if rest:
        return ""
    said = {"n": int(count), "mg": plain(each), "minutes": f"{plan.devices_apart.total_seconds() / 60:g}"}
    one = _("%(n)s device of %(mg)s mg; ") % said
    return one if count == 1 else _("%(n)s devices of %(mg)s mg, %(minutes)s min apart; ") % said


# --- due and open steps -----------------------------------------------------------------------------------


def due_words(item: Due) -> str:
    """What is due, short enough for a chip."""
    if item.kind == "recheck":
        return _("%(what)s recheck") % {"what": _taken(item.take)}
    if item.kind == "dose-end":
        return _("Dose ends")
    if item.kind == "leave":
        return _("Earliest leave")
    scores = {Vital.MOAAS, Vital.DISSOCIATION}
    if set(item.take) <= scores:
        return _("Scores")
    return _("Vitals and scores") if set(item.take) & scores else _("Vitals")


def _taken(take: tuple[Vital, ...]) -> str:
    if set(take) & set(PRESSURE):
        return _("BP")
    return ", ".join(str(VITALS[vital]) for vital in take)


def _due(item: Due) -> Json:
    return {
        "id": item.id,
        "kind": item.kind,
        "words": due_words(item),
        "due_at": stamp(item.due_at),
        "state": item.state.value,
        "take": list(item.take),
    }


def crossed_words(crossed: Crossed) -> str:
    """'BP 184/104 mmHg', 'SpO₂ 91 %', or the sign that was seen."""
    if crossed.sign is not None:
        return said(crossed.sign)
    read = dict(crossed.read)
    if set(read) & set(PRESSURE):
        pressure = _("BP")
        return f"{pressure} {'/'.join(f'{value:g}' for value in read.values())} mmHg"
    return ", ".join(f"{VITALS[v]} {value:g} {SHOWN_UNITS[v]}".strip() for v, value in read.items())


def _crossed(crossed: Crossed) -> Json:
    return {
        "limit": crossed.limit,
        "urgency": crossed.urgency,
        "title": f"{crossed_words(crossed)}{_beyond_words(crossed)}",
        "step": said(crossed.step),
        "owner": str(WHO[crossed.owner]),
        "if_missed": _("%(who)s is called") % {"who": WHO[crossed.if_missed]},
        "opened_at": stamp(crossed.opened_at),
        "due_at": stamp(crossed.due_at),
        "closed_by": "reading" if crossed.bounds else "check",
        "signed_off": crossed.signed_off,
    }


def _beyond_words(crossed: Crossed) -> str:
    """', limit 180/110': the figures of the limit, all that it watches."""
    if not crossed.bounds:
        return ""
    figures = [_figure(b.above, b.at_least, b.below, b.at_most) for b in crossed.bounds]
    return _(", limit %(figure)s") % {"figure": "/".join(figures)}


def _figure(*bounds: float | None) -> str:
    return next(f"{bound:g}" for bound in bounds if bound is not None)


def _limit_lines(monitoring: Monitoring) -> list[Json]:
    """One line per watched vital: its strictest figure. Pressure is drawn at its systolic figure."""
    lines: dict[Vital, tuple[float, str]] = {}
    for _record, limit in monitoring.of(Limit):
        pressure = [b for b in limit.any_of if b.vital in PRESSURE]
        for bound in limit.any_of:
            value = float(_figure(bound.above, bound.at_least, bound.below, bound.at_most))
            upper = bound.above is not None or bound.at_least is not None
            known = lines.get(bound.vital)
            if known is None or (value < known[0] if upper else value > known[0]):
                shown = (
                    "/".join(_figure(b.above, b.at_least, b.below, b.at_most) for b in pressure) or f"{value:g}"
                )
                lines[bound.vital] = (value, _("limit %(figure)s") % {"figure": shown})
    return [{"vital": vital, "value": value, "words": words} for vital, (value, words) in lines.items()]


# --- readiness --------------------------------------------------------------------------------------------

STANDINGS = {
    Standing.MISSING: lambda: _("Not met"),
    Standing.UNKNOWN: lambda: _("Not known"),
    Standing.TOO_EARLY: lambda: _("Too early"),
    Standing.MET: lambda: _("Met"),
}


def _places(session: Session) -> dict[str, str]:
    """Where what is missing before a dose is seen to, when that is not the console: by the item's kind."""
    patient = [session.patient.public_id]
    return {
        "consent": reverse("consent:step", args=patient),
        "suicide-risk": reverse("safety:page", args=patient),
        "clearance": reverse("assessment:clearance", args=patient),
    }


def _readiness(readiness: Readiness, action: Any, places: dict[str, str]) -> Json:
    met = sum(item.met for item in readiness.items)
    return {
        "ready": readiness.ready,
        "words": _("%(missing)s missing, %(met)s met") % {"missing": len(readiness.items) - met, "met": met},
        "items": [
            _item(item, action(item), "" if item.met else places.get(item.id.split(":")[0], ""))
            for item in readiness.items
        ],
    }


def _item(item: Item, action: str, place: str) -> Json:
    value = str(CLEARANCE[item.value]) if item.id.startswith("clearance:") else item.value
    if item.baseline:
        value = _("%(value)s, baseline %(baseline)s") % {"value": item.value or "?", "baseline": item.baseline}
    if item.id.startswith("open-step:") and item.label:
        value = said(item.label)
    elif item.who != "monitor" and not item.met and not value:
        value = str(WHO[item.who])
    return {
        "id": item.id,
        "words": item_words(item),
        "standing": item.standing.value,
        "standing_words": STANDINGS[item.standing](),
        "value": "" if item.id.startswith("stay:") else value,
        "who": str(WHO[item.who]),
        "at": stamp(item.at),
        "action": action,
        "place": place,
    }


def _start_action(item: Item) -> str:
    """What in the console answers the item: an act's name, 'dock' for readings, 'decide' for a prescriber."""
    if item.id in {"arrived", "identity", "weight", "escort-named"}:
        return item.id
    if item.id.startswith("baseline:"):
        return "dock"
    # only a gate on readings gives way to a decision here; it names its record
    return "decide" if item.record and item.who == "prescriber" and item.standing is Standing.MISSING else ""


def _leave_actions(monitoring: Monitoring) -> Any:
    answered = {
        c.id
        for _record, leave in monitoring.of(Leave)
        for c in leave.conditions
        if c.kind in ("confirmed", "escort-present") or c.or_confirmed
    }
    return lambda item: "check" if item.id in answered else ""


def _last(state: SessionState) -> Json:
    found: Json = {}
    for reading in state.readings:
        for vital, value in reading.values.items():
            found[vital] = {"value": value, "at": stamp(reading.at), "beyond": vital in state.beyond}
    return found


def _entry(state: SessionState) -> Json:
    return {
        vital: {"least": r.least, "most": r.most, "step": r.step, "unit": r.unit, "words": said(r.label)}
        for vital, r in state.entry.items()
    }


def _signed(session: Session) -> str:
    if session.signed_at is None or session.signed_by is None:
        return ""
    return _("Signed by %(name)s") % {"name": session.signed_by}


def next_acts(state: SessionState) -> list[str]:
    """The acts that are possible now; the first is the one to offer most plainly."""
    if state.signed_at is not None:
        return ["addendum"]
    if state.ended_at is not None:
        return ["sign", "note"]
    if state.discharged_at is not None:
        return ["end", "note"]
    by_delivery = {
        Delivery.NONE: ["start", "discharge"] if state.to_start.ready else ["discharge"],
        Delivery.RUNNING: ["pause", "stop", "rate", "dose-ended"],
        Delivery.PAUSED: ["resume", "stop"],
        Delivery.STOPPED: ["discharge"],
        Delivery.ENDED: ["discharge"],
    }[state.delivery]
    if state.delivery is Delivery.RUNNING and state.phase is Phase.PEAK:
        by_delivery = ["dose-ended", "stop"]
    recovery = ["recovery"] if state.phase is Phase.PEAK and state.delivery is not Delivery.RUNNING else []
    return [*by_delivery, *recovery, "note", "drug", "event"]


# --- the other chairs -------------------------------------------------------------------------------------


def neighbour_json(session: Session, state: SessionState) -> Json:
    """One session in the strip of chairs: who, where in the session, and what is next due."""
    upcoming = state.next_due
    urgent = state.crossed[0] if state.crossed else None
    return {
        "id": str(session.public_id),
        "url": reverse("dosing:console", args=[session.public_id]),
        "chair": session.chair,
        "name": f"{session.patient.given_name} {session.patient.family_name}".strip(),
        "phase": str(PHASES[state.phase]),
        "zero": stamp(state.zero),
        "next": due_words(upcoming) if upcoming else "",
        "due_at": stamp(upcoming.due_at) if upcoming else None,
        "alert": crossed_words(urgent) if urgent else "",
    }
