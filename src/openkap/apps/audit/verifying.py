"""Reading the whole chain again and saying where it does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import connection, transaction

from openkap.apps.audit import heads
from openkap.apps.audit.chain import GENESIS, link
from openkap.apps.audit.sealing import COLUMNS, content_of

Kind = Literal["changed", "missing", "broken", "gap", "inserted", "cut", "forged-head"]
FEW = 100  # faults listed; all are counted
_CHUNK = 5_000
_CHAIN = (
    f"SELECT s.position, s.previous_digest, s.digest, {COLUMNS}"  # noqa: S608 -- constants
    " FROM audit_seal s LEFT JOIN audit_row r ON r.id = s.row_id ORDER BY s.position"
)


@dataclass(frozen=True)
class Fault:
    """Where the chain does not hold. `position` is the link, or for rows outside the chain the row's id."""

    kind: Kind
    position: int


@dataclass
class Verification:
    """What `verify` found. The trail is whole when there is no fault; waiting rows are sealed in a second."""

    links: int = 0
    waiting: int = 0
    faults: int = 0
    first_faults: list[Fault] = field(default_factory=list)
    heads_checked: int = 0
    newest_head_at: datetime | None = None
    head: heads.Head | None = None

    @property
    def whole(self) -> bool:
        return self.faults == 0

    def add(self, kind: Kind, position: int) -> None:
        self.faults += 1
        if len(self.first_faults) < FEW:
            self.first_faults.append(Fault(kind, position))


def verify(folder: Path | None = None) -> Verification:
    """Check every link against its row and the link before it, and the chain against the heads in `folder`.

    Found: a changed, deleted or exchanged row; links removed, added or put in another order; a row slipped in
    among sealed ones; a tail cut off after a head was kept. Reads in one snapshot; memory stays small.
    """
    found = Verification()
    with transaction.atomic():
        if not connection.needs_rollback and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        kept = {item.head.position: item for item in heads.read(folder or settings.AUDIT_HEADS)}
        _check_links(found, kept)
        _check_heads(found, kept)
        _check_waiting(found)
    return found


def _check_links(found: Verification, kept: dict[int, heads.KeptHead]) -> None:
    expected, previous = 1, GENESIS
    for position, said_previous, said_digest, *columns in _links():
        found.links += 1
        said = bytes(said_digest)
        if position != expected:
            found.add("gap", position)
        if bytes(said_previous) != previous:
            found.add("broken", position)
        if columns[0] is None:
            found.add("missing", position)
        elif link(bytes(said_previous), position, content_of(columns)) != said:
            found.add("changed", position)
        if position in kept and kept[position].genuine and kept[position].head.digest != said:
            found.add("broken", position)
        expected, previous = position + 1, said
        found.head = heads.Head(position, said)


def _links() -> Iterator[tuple[Any, ...]]:
    """The chain with its rows, in order, a chunk at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHAIN)
        while chunk := cursor.fetchmany(_CHUNK):
            yield from chunk


def _check_heads(found: Verification, kept: dict[int, heads.KeptHead]) -> None:
    last = found.head.position if found.head else 0
    for position, item in kept.items():
        found.heads_checked += 1
        if not item.genuine:
            found.add("forged-head", position)
        elif position > last:
            found.add("cut", position)
        if item.genuine and (found.newest_head_at is None or item.kept_at > found.newest_head_at):
            found.newest_head_at = item.kept_at


def _check_waiting(found: Verification) -> None:
    """Rows without a link: new ones wait for the sealer; one that belongs before the last was slipped in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_row r WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.row_id = r.id)"
        )
        found.waiting = cursor.fetchone()[0]
        if not found.waiting:
            return
        cursor.execute(
            "SELECT r.id FROM audit_row r, (SELECT l.transaction_id, l.id FROM audit_seal s"
            "  JOIN audit_row l ON l.id = s.row_id ORDER BY s.position DESC LIMIT 1) last"
            " WHERE (r.transaction_id, r.id) < (last.transaction_id, last.id)"
            " AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.row_id = r.id) ORDER BY r.id"
        )
        for (row_id,) in cursor.fetchall():
            found.add("inserted", row_id)
