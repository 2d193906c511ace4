"""What the streams send, made once for all who watch: by session, last event and language."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from openkap.apps.dosing import queries
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import monitoring_of, order_of
from openkap.apps.dosing.wire import neighbour_json, state_json
from openkap.core.monitoring.state import SessionState, state

FRESH = timedelta(seconds=1)  # amounts given run on; within a second the same answer serves all
MOST_KEPT = 512


@dataclass(frozen=True)
class Snapshot:
    """The state of a session at one moment, and as the browser takes it."""

    state: SessionState
    json: dict[str, Any]
    neighbour: dict[str, Any]
    text: str

    def holds(self, now: datetime) -> bool:
        """Whether nothing but the clock and the amount given has moved on by `now`.

        Before the dose it also rests on consent and suicide risk, which change without an event of the session.
        """
        if self.state.dose is None and now >= self.state.at + FRESH:
            return False
        changes = self.state.changes_at
        return self.state.at <= now and (changes is None or now < changes)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it may be sent whole at `now`."""
        return self.holds(now) and now < self.state.at + FRESH

    def given_mg(self, now: datetime) -> Decimal:
        """Milligrams given by `now`; the snapshot holds."""
        dose = self.state.dose
        return dose.given_mg(now) if dose else Decimal(0)


_kept: dict[tuple[int, int, str], Snapshot] = {}
_lock = threading.Lock()


def snapshot_of(session: Session, now: datetime) -> Snapshot:
    """The session's snapshot at `now`; `session` must be as just read, for its `last_seq`."""
    kept = _kept.get(_key(session))
    return kept if kept is not None and kept.is_fresh(now) else _remember(session, now)


def holding_snapshot_of(session: Session, now: datetime) -> Snapshot:
    """A snapshot that still holds, though it may be older: enough for the strip of chairs and for beats."""
    kept = _kept.get(_key(session))
    return kept if kept is not None and kept.holds(now) else _remember(session, now)


def _key(session: Session) -> tuple[int, int, str]:
    return session.pk, session.last_seq, get_language() or ""


def _remember(session: Session, now: datetime) -> Snapshot:
    made = _make(session, now)
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[_key(session)] = made
    return made


def _make(session: Session, now: datetime) -> Snapshot:
    rows = list(queries.events_after(session, 0))
    monitoring = monitoring_of(session, now)
    found = state(queries.as_core(rows), order_of(session, now, to_show=True), monitoring, now)
    as_json = state_json(session, found, monitoring, rows)
    return Snapshot(found, as_json, neighbour_json(session, found), json.dumps(as_json, separators=(",", ":")))
