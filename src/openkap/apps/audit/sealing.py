"""The sealer: chains rows soon after their transactions, so that acts never wait for each other's hashes.

Order: (transaction id, row id). A row is sealed when its transaction is older than the oldest one still
running, so no row that belongs earlier can appear later, and an index scan from the last link finds the new.
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
    " ORDER BY r.transaction_id, r.id LIMIT %s"
)
_NEW = "r.transaction_id < %s AND (r.transaction_id, r.id) > (%s, %s)"
_AFTER_RESTORE = "(r.transaction_id < %s OR r.transaction_id >= %s)"


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
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() s"
        )
        oldest_running, next_one = cursor.fetchone()
        if last is None or last.row.transaction_id >= next_one:
            which, values = _AFTER_RESTORE, [oldest_running, next_one]
        else:
            which, values = _NEW, [oldest_running, last.row.transaction_id, last.row_id]
        cursor.execute(_UNSEALED.format(which=which), [*values, BATCH])
        return [content_of(row) for row in cursor.fetchall()]


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
