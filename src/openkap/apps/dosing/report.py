"""The record of a session, for reading and printing: who, what was given, all readings, all entries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openkap.apps.dosing import queries
from openkap.apps.dosing.models import Event, Session
from openkap.apps.dosing.ordering import monitoring_of, order_of
from openkap.apps.dosing.wire import state_json
from openkap.core.monitoring.state import SessionState, state
from openkap.knowledge.schema.monitoring import Vital

COLUMNS = (
    Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.HEART_RATE, Vital.SPO2, Vital.MOAAS, Vital.DISSOCIATION,
    Vital.NAUSEA,
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What the page shows. `lines` are in clinical order, the earliest first."""

    state: SessionState
    shown: dict[str, Any]
    lines: list[dict[str, Any]]
    readings: list[tuple[datetime, list[str]]]
    judged_by: list[tuple[str, int]]


def report_of(session: Session, now: datetime) -> Report:
    """The whole record of a session as it stands."""
    rows = list(queries.events_after(session, 0))
    monitoring = monitoring_of(session, now)
    found = state(queries.as_core(rows), order_of(session, now), monitoring, now)
    shown = state_json(session, found, monitoring, rows)
    return Report(found, shown, _lines(shown, rows), _readings(found), sorted(session.judged_by.items()))


def _lines(shown: dict[str, Any], rows: list[Event]) -> list[dict[str, Any]]:
    times = {str(row.client_id): row.occurred_at for row in rows}
    return [line | {"occurred_at": times[line["id"]]} for line in reversed(shown["lines"])]


def _readings(found: SessionState) -> list[tuple[datetime, list[str]]]:
    return [
        (r.at, [f"{r.values[vital]:g}" if vital in r.values else "" for vital in COLUMNS])
        for r in found.readings
    ]
