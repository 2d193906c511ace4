"""Steps and sleep for tests, kept through the operations."""

import io
from datetime import date, datetime, timedelta

from openkap.adapters.wearables import guess
from openkap.apps.access.models import User
from openkap.apps.lifestyle.drafts import Draft, explain, read_draft
from openkap.apps.lifestyle.models import DeviceFile
from openkap.apps.lifestyle.operations import keep_days
from openkap.apps.people.models import Patient
from tests.factories.sites import THEN


def a_table(last: date, days: int = 10, steps: int = 4000, asleep: int = 400) -> bytes:
    """A table of so many days up to `last`."""
    lines = [f"{last - timedelta(days=n)},{steps + n},{asleep + n}" for n in range(days)]
    return "\n".join(["day,steps,minutes asleep", *lines]).encode()


def a_draft(patient: Patient, raw: bytes, now: datetime = THEN) -> Draft:
    """The file read, and its columns said as they are guessed."""
    draft = read_draft(io.BytesIO(raw), patient, now)
    return explain(draft, guess(draft.table), patient, now) if draft.table else draft


def a_file(by: User, patient: Patient, now: datetime = THEN) -> DeviceFile:
    """Ten days kept."""
    return keep_days(by=by, now=now, patient=patient, draft=a_draft(patient, a_table(now.date()), now))[0]
