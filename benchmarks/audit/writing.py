"""What one writer does: a process of its own, which inserts one act per transaction for a while."""

import hashlib
import time
from datetime import UTC, datetime
from importlib import import_module
from threading import BrokenBarrierError
from typing import Any
from uuid import UUID, uuid4

BARE, AUDITED, CHAINED = "bare", "audited", "chained"
CHAIN_LOCK = 3_140_927_118  # advisory: the chain inside the transaction has one end, which one writer holds
_ready: list[Any] = []


def begin(ready: Any) -> None:
    """Once per process: set Django up and keep the barrier at which all writers wait for each other."""
    import_module("django").setup()
    import_module("django.db").connection.ensure_connection()
    _ready.append(ready)


def write(kind: str, lead: float, seconds: float) -> int:
    """Write for `seconds`, `lead` after all are ready. Returns how many transactions were committed by then."""
    try:
        _ready[0].wait(timeout=120)
    except BrokenBarrierError as error:
        raise RuntimeError("the other writers did not come") from error
    time.sleep(lead)
    end = time.monotonic() + seconds
    done = 0
    patient = uuid4()
    while time.monotonic() < end:
        _act(kind, patient, done)
        done += 1
    return done


def _act(kind: str, patient: UUID, number: int) -> None:
    db = import_module("django.db")
    now = datetime.now(UTC)
    with db.transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_act (patient, value, at) VALUES (%s, %s, %s)", [patient, float(number), now]
        )
        if kind != BARE:
            _record(patient, now)
        if kind == CHAINED:
            _link(cursor, patient, now)


def _record(patient: UUID, now: datetime) -> None:
    audit = import_module("openkap.apps.audit.operations")
    audit.record(
        by=audit.SystemActor(),
        now=now,
        action="bench.act",
        subject=audit.Subject("patient", patient, patient),
        details={"fields": ["value"]},
    )


def _link(cursor: Any, patient: UUID, now: datetime) -> None:
    """The naive chain: nobody else may link until this transaction is over."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    cursor.execute("SELECT position, digest FROM bench_chain ORDER BY position DESC LIMIT 1")
    position, digest = cursor.fetchone() or (0, bytes(32))
    content = f"{patient} {now.isoformat()} bench.act".encode()
    cursor.execute(
        "INSERT INTO bench_chain VALUES (%s, %s)",
        [position + 1, hashlib.sha256(bytes(digest) + content).digest()],
    )
