"""What was read of a file, before anybody said that it is to be kept.

It waits in the reader's own page, signed and bound to the patient: the server keeps nothing of a file that
nobody kept, and nobody can put other numbers in.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from django.core import signing
from django.utils.translation import gettext as _

from openkap.adapters.wearables import Columns, Form, Table, read_export, tabulate
from openkap.core.lifestyle import Chosen, Found, Kind, Skipped, Tally, Window, choose
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

DAYS_KEPT = 400  # up to today: a year and some weeks before treatment tell what is usual
HELD_FOR = timedelta(hours=2)  # in an open page
LONGEST = 1_500_000  # characters that a page carries
PIECE = 1024**2
READ_AT_ONCE = 2  # of a process; a small file takes a moment, so hardly anybody waits
LONGEST_WAIT = timedelta(seconds=2)
SALT = "openkap lifestyle draft"


_places = BoundedSemaphore(READ_AT_ONCE)


@dataclass(frozen=True)
class Draft:
    """A file that was read: what it holds, or the table whose columns nobody has explained yet."""

    form: str
    digest: str
    found: Found
    table: Table | None = None

    def days(self, preferred: dict[Kind, str]) -> list[Chosen]:
        """One number a day, of the preferred device where it has one."""
        return choose(self.found, preferred)


def read_draft(file: BinaryIO, patient: "Patient", now: datetime) -> Draft:
    """Read an uploaded file. Raises `BadInput`; `NotAllowedNow` while as many as may are being read."""
    tally = _tally(patient, now)
    with a_place():
        read = read_export(file, tally)
        digest = _digest(file)
    draft = Draft(read.form.value, digest, tally.found(), read.table)
    if draft.table is None:
        _check_holds_something(draft.found)
    return draft


@contextmanager
def a_place() -> Iterator[None]:
    """One of few: a file of a gigabyte takes a quarter of a minute, and pages need the other threads."""
    if not _places.acquire(timeout=LONGEST_WAIT.total_seconds()):
        raise NotAllowedNow(_("Others are bringing large files just now. Try again in a minute."))
    try:
        yield
    finally:
        _places.release()


def explain(draft: Draft, columns: Columns, patient: "Patient", now: datetime) -> Draft:
    """The draft of a table once somebody said which column is what. Raises `BadInput`."""
    if draft.table is None:
        raise BadInput(_("This file needs no explanation."))
    if columns.steps is None and columns.asleep is None:
        raise BadInput(_("Say which column holds steps or sleep."), field="steps")
    tally = _tally(patient, now)
    tabulate(draft.table, columns, tally)
    found = tally.found()
    _check_holds_something(found)
    return Draft(Form.TABLE.value, draft.digest, found)


def packed(draft: Draft, patient: "Patient") -> str:
    """The draft as a page carries it. Raises `BadInput` when it is too long for that."""
    said: dict[str, Any] = {
        "of": str(patient.public_id),
        "form": draft.form,
        "digest": draft.digest,
        "found": {
            kind.value: {
                name: {day.isoformat(): n for day, n in days.items()} for name, days in by_device.items()
            }
            for kind, by_device in draft.found.by_device.items()
        },
        "skipped": {why.value: n for why, n in draft.found.skipped.items()},
        "table": [draft.table.headers, draft.table.rows] if draft.table else None,
    }
    text = signing.dumps(said, salt=SALT, compress=True)
    if len(text) > LONGEST:
        raise BadInput(_("This table is too long. Leave only the columns of day, steps and sleep in it."))
    return text


def unpacked(text: str, patient: "Patient") -> Draft:
    """What `packed` made of it. Raises `BadInput` for anything else, and when it has lain open too long."""
    try:
        said = signing.loads(text, salt=SALT, max_age=HELD_FOR)
    except signing.BadSignature as error:
        raise BadInput(_("This page was open for too long. Choose the file again.")) from error
    if said["of"] != str(patient.public_id):
        raise BadInput(_("This page was open for too long. Choose the file again."))
    found = {
        Kind(kind): {
            name: {date.fromisoformat(day): n for day, n in days.items()} for name, days in by_device.items()
        }
        for kind, by_device in said["found"].items()
    }
    table = said["table"]
    return Draft(
        said["form"],
        said["digest"],
        Found(found, {Skipped(why): n for why, n in said["skipped"].items()}),
        Table(tuple(table[0]), tuple(tuple(row) for row in table[1])) if table else None,
    )


def digest_of_days(days: list[Chosen]) -> str:
    """The same days, numbers and devices have the same digest."""
    lines = [[one.kind.value, one.day.isoformat(), one.amount, one.device] for one in days]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _tally(patient: "Patient", now: datetime) -> Tally:
    zone = ZoneInfo(patient.site.time_zone)
    return Tally(Window.back_from(now.astimezone(zone).date(), DAYS_KEPT), zone)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _check_holds_something(found: Found) -> None:
    if found.is_empty:
        raise BadInput(
            _("No steps and no sleep of the last %(n)d days are in this file.") % {"n": DAYS_KEPT}, field="file"
        )
