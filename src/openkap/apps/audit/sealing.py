"""The sealer: chains rows soon after their transactions, so that acts never wait for each other's hashes.

Order: (transaction id, row id). A row is sealed when its transaction is older than the oldest one still
running in this database, so no row that belongs earlier can appear later, and an index scan from the last
link finds the new ones.
A restored backup lives in a server with lower transaction ids; then the whole trail is searched once.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import chain as flattened
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from openkap.apps.audit import heads
from openkap.apps.audit.chain import GENESIS, RowContent, link
from openkap.apps.audit.models import Seal

LOCK = 4_806_021_973  # the sealer's advisory lock
BATCH = 5_000
COLUMNS = (
    "r.id, r.occurred_at, r.actor_kind, r.actor_id, r.action, r.subject_kind, r.subject_id, r.patient_id,"
    " r.site_id, r.details, r.transaction_id"
)
_UNSEALED = (
    f"SELECT {COLUMNS} FROM audit_row r"  # noqa: S608 -- constants of this module
    " WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.row_id = r.id) AND {which}"
    " ORDER BY {order}r.transaction_id, r.id LIMIT %s"
)
_NEW = "r.transaction_id < %s AND (r.transaction_id, r.id) > (%s, %s)"
# Asked in the very statement that reads the rows: with an earlier bound, a transaction that began and ended in
# between would be taken for a restored one, and be sealed before its elders.
_NEXT_ONE = "(SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
_AFTER_RESTORE = f"(r.transaction_id < %s OR r.transaction_id >= {_NEXT_ONE})"


def seal_rows(*, now: datetime) -> int:
    """Chain every row whose turn has come; returns how many. One process seals at a time: another returns 0."""
    sealed = 0
    while batch := _seal_batch(now):
        sealed += batch
        if batch < BATCH:
            break
    last = Seal.objects.order_by("position").last()
    if last is not None:
        heads.keep(settings.AUDIT_HEADS, heads.Head(last.position, bytes(last.digest)), now)
    return sealed


@transaction.atomic
def _seal_batch(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = Seal.objects.select_related("row").order_by("position").last()
    rows = _unsealed(last)
    position, digest = (last.position, bytes(last.digest)) if last else (0, GENESIS)
    links = []
    for content in rows:
        position += 1
        previous, digest = digest, link(digest, position, content)
        links.append((position, content.id, previous, digest, now))
    _insert(links)
    return len(links)


def _unsealed(last: Seal | None) -> list[RowContent]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (next_one,) = cursor.fetchone()
        # Read after `next_one`: of the transactions before it, those not seen running here have ended, so the
        # next statement sees what they wrote. Other databases of the server hold nothing back.
        cursor.execute(
            "SELECT backend_xid::text::bigint FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL"
        )
        running = [_full(xid, next_one) for (xid,) in cursor.fetchall()]
        oldest_running = min([next_one, *running])
        if last is None or last.row.transaction_id >= next_one:
            # What the other server wrote comes first, so that the last link is one of this server again.
            query = _UNSEALED.format(which=_AFTER_RESTORE, order="r.transaction_id < %s, ")
            values = [oldest_running, oldest_running]
        else:
            query = _UNSEALED.format(which=_NEW, order="")
            values = [oldest_running, last.row.transaction_id, last.row_id]
        cursor.execute(query, [*values, BATCH])
        return [content_of(row) for row in cursor.fetchall()]


def _full(xid: int, next_one: int) -> int:
    """The 64-bit id of a running transaction from its lower 32 bits: at most 2**31 ids away from `next_one`."""
    era = 1 << 32
    return next_one + (xid - next_one + era // 2) % era - era // 2


def content_of(columns: Sequence[Any]) -> RowContent:
    """A row as read by `COLUMNS`."""
    values = list(columns)
    if isinstance(values[9], str):
        values[9] = json.loads(values[9])  # Django leaves jsonb of raw queries as text
    return RowContent(*values)


def _insert(links: Sequence[tuple[Any, ...]]) -> None:
    if not links:
        return
    places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(links))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_seal (position, row_id, previous_digest, digest, sealed_at) VALUES "  # noqa: S608
            + places,
            list(flattened.from_iterable(links)),
        )
