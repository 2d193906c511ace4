"""The chain of the audit trail: rows are sealed in order and every tampering is found."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from tests.factories.audit import seal_all

from openkap.apps.audit import heads, sealing
from openkap.apps.audit.models import Row, Seal
from openkap.apps.audit.operations import Subject, SystemActor, record, seal_rows
from openkap.apps.audit.queries import verify

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def act(number: int = 0) -> None:
    """One act of its own transaction."""
    with transaction.atomic():
        record(
            by=SystemActor(),
            now=NOW + timedelta(seconds=number),
            action="test.act",
            subject=Subject("patient", uuid4(), uuid4(), 1),
            details={"number": number, "part": 0.1, "words": ["ä", None]},
        )


def a_trail(length: int) -> None:
    for number in range(length):
        act(number)
    assert seal_all() == length


def tamper(*statements: str) -> None:
    """Change the trail as the owner of the tables could, with the triggers off."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def kinds() -> set[str]:
    return {fault.kind for fault in verify().first_faults}


def test_a_row_needs_the_transaction_of_its_act() -> None:
    with pytest.raises(RuntimeError, match="in the transaction of its act"):
        record(by=SystemActor(), now=NOW, action="test.act")


def test_a_row_is_undone_with_its_act() -> None:
    with transaction.atomic():
        record(by=SystemActor(), now=NOW, action="test.act")
        transaction.set_rollback(True)
    assert not Row.objects.exists()


def test_sealed_rows_verify() -> None:
    a_trail(5)
    found = verify()
    assert (found.whole, found.links, found.waiting) == (True, 5, 0)
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5]
    assert seal_rows(now=NOW) == 0


def test_rows_not_sealed_yet_are_waiting_and_no_fault() -> None:
    a_trail(2)
    act()
    found = verify()
    assert (found.whole, found.waiting) == (True, 1)


def test_an_empty_trail_is_whole() -> None:
    assert seal_rows(now=NOW) == 0
    assert verify().whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_row SET action = 'forged'",
        "DELETE FROM audit_row",
        "UPDATE audit_seal SET sealed_at = now()",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses_changes(statement: str) -> None:
    a_trail(1)
    with pytest.raises(DatabaseError, match="only added to"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().whole


@pytest.mark.parametrize("table", ["audit_row", "audit_seal"])
def test_the_database_refuses_to_empty_the_tables(table: str) -> None:
    a_trail(1)
    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate; TRUNCATE {table} CASCADE")
    assert verify().links == 1


FIELDS = {
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "actor_kind": "'user'",
    "actor_id": "gen_random_uuid()",
    "action": "action || 's'",
    "subject_kind": "'plan'",
    "subject_id": "NULL",
    "patient_id": "gen_random_uuid()",
    "site_id": "site_id + 1",
    "details": "details || '{\"number\": 99}'",
    "transaction_id": "transaction_id + 1",
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_edit_of_every_field_is_found(field: str) -> None:
    a_trail(4)
    row = Row.objects.order_by("id")[2]
    tamper(f"UPDATE audit_row SET {field} = {FIELDS[field]} WHERE id = {row.pk}")
    found = verify()
    assert [(fault.kind, fault.position) for fault in found.first_faults] == [("changed", 3)]


def test_every_field_of_a_row_is_hashed() -> None:
    assert {column.name for column in Row._meta.concrete_fields} == {"id", *FIELDS}


def test_a_deleted_row_is_found() -> None:
    a_trail(4)
    tamper("DELETE FROM audit_row WHERE id = (SELECT row_id FROM audit_seal WHERE position = 2)")
    assert kinds() == {"missing"}


def test_a_row_deleted_with_its_link_is_found() -> None:
    a_trail(4)
    tamper(
        "DELETE FROM audit_row WHERE id = (SELECT row_id FROM audit_seal WHERE position = 2)",
        "DELETE FROM audit_seal WHERE position = 2",
    )
    assert {"gap", "broken"} <= kinds()


def test_a_link_removed_leaves_a_row_that_belongs_earlier() -> None:
    a_trail(4)
    tamper("DELETE FROM audit_seal WHERE position = 2")
    assert {"gap", "broken", "inserted"} <= kinds()


def test_rows_exchanged_are_found() -> None:
    a_trail(4)
    tamper(
        "UPDATE audit_seal s SET row_id = -o.row_id FROM audit_seal o"
        " WHERE s.position IN (2, 3) AND o.position = 5 - s.position",
        "UPDATE audit_seal SET row_id = -row_id WHERE row_id < 0",
    )
    assert kinds() == {"changed"}


def test_a_row_slipped_in_among_sealed_ones_is_found() -> None:
    a_trail(4)
    tamper(
        "INSERT INTO audit_row (occurred_at, actor_kind, action, subject_kind, details, transaction_id)"
        " SELECT occurred_at, 'system', 'forged', '', '{}', transaction_id FROM audit_row ORDER BY id LIMIT 1"
    )
    assert kinds() == {"inserted"}


def test_a_tail_cut_off_is_found_by_the_kept_head() -> None:
    a_trail(4)
    tamper(
        "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT row_id FROM audit_seal WHERE position > 2",
        "DELETE FROM audit_seal WHERE position > 2",
        "DELETE FROM audit_row WHERE id IN (SELECT row_id FROM gone)",
    )
    assert kinds() == {"cut"}


def test_a_chain_made_anew_is_found_by_the_kept_head() -> None:
    a_trail(3)
    tamper("UPDATE audit_row SET action = 'forged'", "DELETE FROM audit_seal")
    seal_all()
    assert kinds() == {"broken"}


def test_a_forged_head_is_found(heads_folder: Path) -> None:
    a_trail(3)
    (file,) = heads_folder.glob("*.jsonl")
    file.write_text(file.read_text().replace('"position": 3', '"position": 2'))
    assert kinds() == {"forged-head"}
    file.write_text("not a head\n")
    assert kinds() == {"forged-head"}


def test_heads_are_kept_at_most_every_five_minutes(heads_folder: Path) -> None:
    head = heads.Head(1, b"1" * 32)
    assert heads.keep(heads_folder, head, NOW)
    assert not heads.keep(heads_folder, heads.Head(2, b"2" * 32), NOW + timedelta(minutes=4))
    assert heads.keep(heads_folder, heads.Head(2, b"2" * 32), NOW + timedelta(minutes=6))
    assert not heads.keep(heads_folder, heads.Head(2, b"2" * 32), NOW + timedelta(days=6))
    assert [kept.head.position for kept in heads.read(heads_folder)] == [1, 2]


def test_a_folder_that_cannot_be_written_does_not_stop_the_sealing(settings: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    settings.AUDIT_HEADS = blocked / "heads"
    a_trail(1)
    assert Seal.objects.count() == 1


def test_random_tampering_is_always_found() -> None:
    """Many edits of bytes, deletions and exchanges, each undone before the next."""
    a_trail(12)
    chance = random.Random(20261121)
    for _ in range(60):
        position = chance.randint(1, 12)
        field = chance.choice(sorted(FIELDS))
        where = f"(SELECT row_id FROM audit_seal WHERE position = {position})"
        statement = chance.choice(
            [
                f"UPDATE audit_row SET {field} = {FIELDS[field]} WHERE id = {where}",
                f"DELETE FROM audit_row WHERE id = {where}",
                f"DELETE FROM audit_seal WHERE position = {position}",
                f"UPDATE audit_seal SET digest = sha256(digest) WHERE position = {position}",
                f"UPDATE audit_seal SET position = position + 100 WHERE position = {position}",
            ]
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement)
            assert cursor.rowcount == 1
            assert not verify().whole, statement
            transaction.set_rollback(True)
    assert verify().whole


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_running_transaction_holds_back_what_came_after_it() -> None:
    """The row of the slow transaction comes first, although it is committed last."""
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(by=SystemActor(), now=NOW, action="test.slow")
            written.set()
            finish.wait(60)

    thread = in_thread(slow)
    assert written.wait(60)
    act(1)
    assert seal_rows(now=timezone.now()) == 0
    finish.set()
    thread.join()
    assert seal_all() == 2
    actions = Seal.objects.order_by("position").values_list("row__action", flat=True)
    assert list(actions) == ["test.slow", "test.act"]


@pytest.mark.parametrize(
    ("xid", "next_one", "full"),
    [
        (90, 100, 90),
        (100, 100, 100),
        (2**32 - 5, 2**32 + 10, 2**32 - 5),
        (3, 2**32 + 10, 2**32 + 3),
        (5, 2**32 - 2, 2**32 + 5),
        (7, 3 * 2**32 + 9, 3 * 2**32 + 7),
    ],
)
def test_a_running_transactions_id_is_told_across_eras(xid: int, next_one: int, full: int) -> None:
    assert sealing._full(xid, next_one) == full


def test_overlapping_transactions_and_sealers_leave_nothing_out() -> None:
    """Six writers with transactions of random length, three sealers at once: one chain, every row in it."""
    stop = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for number in range(20):
            with transaction.atomic():
                record(by=SystemActor(), now=NOW, action="test.act", details={"number": number})
                time.sleep(chance.random() * 0.01)
                if chance.random() < 0.2:
                    transaction.set_rollback(True)

    def seal() -> None:
        while not stop.is_set():
            seal_rows(now=timezone.now())

    sealers = [in_thread(seal) for _ in range(3)]
    writers = [in_thread(lambda seed=seed: write(seed)) for seed in range(6)]
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal_all()
    found = verify()
    assert (found.whole, found.waiting, found.links) == (True, 0, Row.objects.count())
    assert found.links > 60


def test_a_trail_restored_into_a_younger_server_goes_on() -> None:
    """There old rows have higher transaction ids than new ones."""
    a_trail(3)
    act(4)
    tamper("UPDATE audit_row SET transaction_id = transaction_id + 1000000000", "DELETE FROM audit_seal")
    assert seal_all() == 4
    act(5)
    assert seal_all() == 1
    act(6)
    assert seal_all() == 1
    last = Seal.objects.order_by("position").last()
    assert last is not None
    assert (last.position, last.row.details["number"]) == (6, 6)
