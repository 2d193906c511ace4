"""Each event of a session as one line of the table: minute, who, what, and what became of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from openkap.apps.dosing.models import Event
from openkap.apps.dosing.wording import KINDS, SHOWN_UNITS, VITALS, reason_words, thing_words
from openkap.core.monitoring.events import Kind
from openkap.core.monitoring.state import SessionState
from openkap.knowledge.schema.monitoring import Vital

Payload = Mapping[str, Any]
MINUS = "\N{MINUS SIGN}"


def lines_of(events: list[Event], state: SessionState) -> list[dict[str, Any]]:
    """All events, the latest first by clinical order; rejected and corrected ones among them, marked."""
    rejected = {r.event: reason_words(r.code, r.about) for r in state.rejected}
    ordered = sorted(events, key=lambda row: (row.occurred_at, row.seq), reverse=True)
    return [_line(row, state, rejected.get(row.client_id, "")) for row in ordered]


def _line(row: Event, state: SessionState, reason: str) -> dict[str, Any]:
    kind = Kind(row.kind)
    correction = state.corrections.get(str(row.client_id))
    status = "rejected" if reason else "corrected" if correction else "applied"
    if correction:
        why = str(correction.payload.get("reason", ""))
        reason = _("Corrected by %(name)s: %(why)s") % {"name": correction.author, "why": why}
    return {
        "id": str(row.client_id),
        "seq": row.seq,
        "at": row.occurred_at.isoformat(),
        "minute": minute_of(row.occurred_at, state.zero),
        "author": str(row.author),
        "kind": row.kind,
        "words": str(KINDS[kind]),
        "text": text_of(kind, row.payload, state),
        "status": status,
        "reason": reason,
    }


def minute_of(at: datetime, zero: datetime | None) -> str:
    """The session's minute, such as '31:40' or '-5:00'; '' before the dose."""
    if zero is None:
        return ""
    seconds = int((at - zero) / timedelta(seconds=1))
    return f"{MINUS if seconds < 0 else ''}{abs(seconds) // 60}:{abs(seconds) % 60:02d}"


def text_of(kind: Kind, payload: Payload, state: SessionState) -> str:
    """What an event says, in words. Stored payloads may be unreadable: then nothing."""
    say = SAY.get(kind)
    try:
        return say(payload, state) if say else ""
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""


def vitals_text(payload: Payload, _state: SessionState) -> str:
    """Readings, pressure as one: 'BP 128/80 mmHg, Heart rate 70 /min'."""
    values = dict(payload.get("values", {}))
    parts = []
    if "systolic" in values:
        pressure = _("BP")
        parts.append(f"{pressure} {values.pop('systolic'):g}/{values.pop('diastolic', 0):g} mmHg")
    for name, value in values.items():
        unit = SHOWN_UNITS[Vital(name)]
        parts.append(f"{VITALS[Vital(name)]} {value:g} {unit if unit != 'points' else ''}".strip())
    left_out = _("not asked")
    parts += [f"{VITALS[Vital(name)]}: {left_out}" for name in payload.get("not_asked", [])]
    if payload.get("room_air") is False:
        parts.append(_("with oxygen"))
    return ", ".join(parts)


def _over(payload: Payload, _state: SessionState) -> str:
    read = _("pump read %(mg)s mg") % {"mg": payload["given_mg"]} if payload.get("given_mg") else ""
    return ". ".join(part for part in (read, payload.get("reason", "")) if part)


def _sign(payload: Payload, state: SessionState) -> str:
    seen = next((c.sign for c in state.crossed if c.sign and payload["sign"] in c.limit), None)
    words = seen.en if seen else str(payload["sign"]).replace("-", " ")
    return ". ".join(part for part in (words, payload.get("severity", ""), payload.get("text", "")) if part)


def _check(payload: Payload, state: SessionState) -> str:
    labels = {item.id: item.label for item in state.to_leave.items if item.label}
    label = labels.get(payload["condition"])
    words = label.en if label else str(payload["condition"]).replace("-", " ")
    answer = _("yes") if payload["met"] else _("no")
    return f"{words}: {answer}"


def _identifiers(payload: Payload, _state: SessionState) -> str:
    names = {
        "name": _("name"),
        "birth-date": _("birth date"),
        "record-number": _("record number"),
        "photo": _("photo"),
    }
    return ", ".join(names[by] for by in payload["by"])


def _discharge(payload: Payload, _state: SessionState) -> str:
    names = {
        "released": _("Released"),
        "transferred": _("Transferred"),
        "left-against-advice": _("Left against advice"),
    }
    return ". ".join(p for p in (names[payload["outcome"]], payload.get("override_reason", "")) if p)


SAY: dict[Kind, Callable[[Payload, SessionState], str]] = {
    Kind.IDENTITY_CHECKED: _identifiers,
    Kind.WEIGHT_MEASURED: lambda p, _s: f"{p['kg']} kg",
    Kind.ESCORT_NAMED: lambda p, _s: str(p["name"]),
    Kind.VITALS_RECORDED: vitals_text,
    Kind.DOSE_STARTED: lambda p, _s: f"{p['amount_mg']} mg",
    Kind.RATE_CHANGED: lambda p, _s: f"{p['mg_per_min']} mg/min",
    Kind.DOSE_PAUSED: lambda p, _s: str(p.get("reason", "")),
    Kind.DOSE_STOPPED: _over,
    Kind.DOSE_ENDED: _over,
    Kind.DRUG_GIVEN: lambda p, _s: f"{p['drug']} {p['amount']} {p['route']}. {p.get('reason', '')}".strip(". "),
    Kind.NOTE_WRITTEN: lambda p, _s: str(p["text"]),
    Kind.ADDED: lambda p, _s: str(p["text"]),
    Kind.SIGN_SEEN: _sign,
    Kind.CHECK_RECORDED: _check,
    Kind.DECISION_MADE: lambda p, _s: f"{thing_words(str(p['about']))}: {p['reason']}",
    Kind.CORRECTED: lambda p, _s: str(p["reason"]),
    Kind.DISCHARGE_DECIDED: _discharge,
}
