"""Weeks as they were told, days as devices counted them: kept once, seen first, taken out by their patient."""

import io
import re
from contextlib import ExitStack
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.lifestyle import a_draft, a_file, a_table
from tests.factories.measures import an_ask, handed_in
from tests.factories.people import a_patient
from tests.factories.portal import a_telephone, let_in
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared
from tests.unit.adapters.wearables import exports

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.inbox.operations import mark_seen
from openkap.apps.lifestyle import drafts, operations, queries
from openkap.apps.lifestyle.drafts import packed, read_draft, unpacked
from openkap.apps.lifestyle.inbox_items import inbox_items
from openkap.apps.lifestyle.models import DayCount, DeviceFile
from openkap.apps.people.models import Patient
from openkap.core.lifestyle import Kind
from openkap.core.psychometrics import Answer, NotAnswered
from openkap.errors import BadInput, NotAllowedNow, Refused
from openkap.web.lifestyle import sentences_of, strip_of

pytestmark = pytest.mark.django_db
TODAY = THEN.date()


@shared
def cared() -> CaredFor:
    return cared_for(a_site("Alder House", "Europe/Madrid"))


@pytest.fixture
def patient(cared: CaredFor) -> Patient:
    let_in(cared.patient)
    return cared.patient


@pytest.fixture
def own(patient: Patient) -> User:
    assert patient.user is not None
    return patient.user


def amounts(patient: Patient) -> dict[date, int]:
    return {row.on: row.amount for row in queries.days_of(patient, date.min)[Kind.STEPS]}


def test_days_are_kept_with_where_they_are_from_and_the_same_days_once(own: User, patient: Patient) -> None:
    draft = a_draft(patient, a_table(TODAY, days=3) + b"\n2199-01-01,5,5\nsoon,1,1")
    kept, is_new = operations.keep_days(by=own, now=THEN, patient=patient, draft=draft)
    again, is_new_again = operations.keep_days(by=own, now=THEN, patient=patient, draft=draft)
    assert (is_new, is_new_again, again) == (True, False, kept)
    assert DayCount.objects.count() == 6
    assert (kept.first_day, kept.last_day) == (TODAY - timedelta(days=2), TODAY)
    assert kept.skipped == {"ahead": 1, "unreadable": 1}
    assert len(kept.file_digest) == 64
    row = Row.objects.get(action="lifestyle.keep")
    assert row.details == {"days": 3, "form": "table"}


def test_the_latest_file_holds_and_taking_it_out_gives_the_earlier_days_back(
    own: User, patient: Patient
) -> None:
    first, _new = operations.keep_days(
        by=own, now=THEN, patient=patient, draft=a_draft(patient, a_table(TODAY, 3, steps=1000))
    )
    second, _new = operations.keep_days(
        by=own, now=THEN, patient=patient, draft=a_draft(patient, a_table(TODAY, 1, steps=7000))
    )
    assert amounts(patient)[TODAY] == 7000
    operations.remove_file(by=own, now=THEN, file=second)
    assert amounts(patient)[TODAY] == 1000
    assert [file.days.count() for file in queries.files_of(patient)] == [6]
    operations.remove_file(by=own, now=THEN, file=first)
    assert not DayCount.objects.exists()
    assert DeviceFile.objects.filter(removed_at=THEN, removed_by=own).count() == 2
    with pytest.raises(NotAllowedNow):
        operations.remove_file(by=own, now=THEN, file=first)


def test_staff_of_the_patient_may_bring_a_file_and_nobody_else_takes_it_out(
    cared: CaredFor, patient: Patient
) -> None:
    file = a_file(cared.therapist, patient)
    assert file.recorded_by == cared.therapist
    stranger = let_in(a_patient(cared.site))
    for by in (stranger, a_user(Role.THERAPIST, site=cared.site)):
        with pytest.raises(Refused):
            a_file(by, patient)
    for by in (stranger, cared.therapist):
        with pytest.raises(Refused):
            operations.remove_file(by=by, now=THEN, file=file)


def test_a_draft_is_of_one_patient_cannot_be_changed_and_runs_out(
    own: User, cared: CaredFor, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = read_draft(io.BytesIO(a_table(TODAY)), patient, THEN)
    text = packed(draft, patient)
    assert unpacked(text, patient) == draft
    for held, of in ((text[:-3] + "abc", patient), ("", patient), (text, a_patient(cared.site))):
        with pytest.raises(BadInput, match="open for too long"):
            unpacked(held, of)
    monkeypatch.setattr("openkap.apps.lifestyle.drafts.HELD_FOR", timedelta(seconds=-1))
    with pytest.raises(BadInput, match="open for too long"):
        unpacked(text, patient)


def test_few_large_files_are_read_at_once_so_that_pages_have_their_threads(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "LONGEST_WAIT", timedelta(0))
    with ExitStack() as read_by_others:
        for _ in range(drafts.READ_AT_ONCE):
            read_by_others.enter_context(drafts.a_place())
        with pytest.raises(NotAllowedNow, match="in a minute"):
            read_draft(io.BytesIO(a_table(TODAY)), patient, THEN)
    with pytest.raises(BadInput):
        read_draft(io.BytesIO(b"nothing of the kind"), patient, THEN)
    for _ in range(drafts.READ_AT_ONCE + 1):  # a place is given back, whatever became of the file
        assert read_draft(io.BytesIO(a_table(TODAY)), patient, THEN).table is not None


def test_an_unknown_table_is_kept_only_once_it_is_explained(own: User, patient: Patient) -> None:
    draft = read_draft(io.BytesIO(a_table(TODAY)), patient, THEN)
    with pytest.raises(NotAllowedNow):
        operations.keep_days(by=own, now=THEN, patient=patient, draft=draft)
    with pytest.raises(BadInput, match="No steps and no sleep"):
        read_draft(io.BytesIO(exports.apple_xml()), patient, THEN)


def test_weeks_in_words_and_what_staff_look_at(patient: Patient) -> None:
    good: dict[str, Answer] = {"1": 4, "2": 3, "3": 4, "4": 2, "5": 0, "6": 0, "7": 1}
    for days, answers in ((7, good), (0, good | {"1": 1, "5": 3, "6": 1, "7": NotAnswered.REFUSED})):
        now = THEN - timedelta(days=days)
        an_ask(patient, "the-week", now)
        handed_in(patient, "the-week", answers, now)
    weeks = queries.weeks_of(patient)
    assert [week.day for week in weeks] == [TODAY - timedelta(days=7), TODAY]
    first, latest = weeks
    assert first.looks == []
    assert [told.short for told in latest.looks] == ["Alcohol", "Other drugs"]
    assert "before the next dose" in latest.looks[0].look
    said = sentences_of(weeks)
    assert (said[0].told, said[0].label, said[0].before) == ("Slept well", "1 or 2 days", "Every day")
    assert said[6].label == "not said"
    strip = strip_of(weeks, [TODAY - timedelta(days=6), TODAY, TODAY - timedelta(days=7)])
    assert [n for _week, n in strip.weeks] == [1, 2]
    assert [cell.shade for cell in strip.lines[0].cells] == [0, 3]
    assert [cell.shade for cell in strip.lines[6].cells] == [1, -1]
    assert strip_of([], []).looks == []


def upload(client: Client, address: str, raw: bytes) -> str:
    response = client.post(address, {"file": SimpleUploadedFile("x", raw)})
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def draft_in(page: str) -> str:
    found = re.search(r'name="draft" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def test_the_pages_of_the_patient(patient: Patient, cared: CaredFor) -> None:
    phone, address = a_telephone(patient), "/portal/weeks/file/"
    today = timezone.now().date() - timedelta(days=1)
    assert "Read the file" in phone.get(address).content.decode()
    for raw in (b"", b"no file at all", exports.zipped({"a.jpg": b"x"})):
        assert phone.post(address, {"file": SimpleUploadedFile("x", raw)}).status_code == 400
    asked = upload(phone, address, a_table(today, 5))
    columns = {"draft": draft_in(asked), "step": "columns", "day": 0, "order": "ymd", "unit": "minutes"}
    assert phone.post(address, columns | {"day": 9}).status_code == 400
    assert phone.post(address, columns).status_code == 400  # neither steps nor sleep
    preview = phone.post(address, columns | {"steps": 1, "asleep": 2}).content.decode()
    assert "5 days" in preview
    assert not DayCount.objects.exists()
    keep = {"draft": draft_in(preview), "step": "keep"}
    assert a_telephone(a_patient(cared.site)).post(address, keep).status_code == 400
    assert phone.post(address, keep | {"draft": "x"}).status_code == 400
    assert phone.post(address, keep).status_code == 302
    assert phone.post(address, keep).status_code == 302
    file = DeviceFile.objects.get()
    weeks = phone.get("/portal/weeks/").content.decode()
    assert "No week told yet" in weeks
    assert "5 days" in weeks
    staff = a_client(cared.prescriber)
    chart = staff.get(f"/patients/{patient.public_id}/measures/lifestyle/").content.decode()
    assert "4,000" in chart
    assert file.file_digest in chart
    taken_out = f"/portal/weeks/file/{file.public_id}/remove/"
    assert a_telephone(a_patient(cared.site)).post(taken_out).status_code == 404
    assert phone.post(taken_out).status_code == 302
    assert phone.post(taken_out).status_code == 404
    assert (
        "No steps or sleep" in staff.get(f"/patients/{patient.public_id}/measures/lifestyle/").content.decode()
    )


def test_several_devices_are_chosen_among_before_anything_is_kept(patient: Patient, cared: CaredFor) -> None:
    staff, address = a_client(cared.therapist), f"/patients/{patient.public_id}/measures/lifestyle/file/"
    day = timezone.now().date() - timedelta(days=1)
    raw = exports.apple_xml(
        exports.steps(400, f"{day} 12:00:00 +0100"),
        exports.steps(100, f"{day - timedelta(days=1)} 12:00:00 +0100"),
        exports.steps(900, f"{day} 12:00:00 +0100", "Watch"),
        exports.HEART,
    )
    preview = upload(staff, address, exports.zipped({"apple_health_export/export.xml": raw}))
    assert "2 days counted by iPhone" in preview
    draft = draft_in(preview)
    other = staff.post(address, {"draft": draft, "step": "preview", "steps": "Watch"}).content.decode()
    assert "1 day counted by Watch" in other
    assert staff.post(address, {"draft": draft, "step": "preview", "steps": "Toaster"}).status_code == 400
    assert staff.post(address, {"draft": draft, "step": "keep", "steps": "Watch"}).status_code == 302
    assert amounts(patient) == {day: 900, day - timedelta(days=1): 100}


def test_a_week_to_look_at_reaches_the_inbox_until_somebody_has(patient: Patient, cared: CaredFor) -> None:
    calm: dict[str, Answer] = {str(n): 0 for n in range(1, 8)}
    for days, answers in ((7, calm), (0, calm | {"6": 1})):
        now = THEN - timedelta(days=days)
        an_ask(patient, "the-week", now)
        handed_in(patient, "the-week", answers, now)
    found = inbox_items(Patient.objects.all(), THEN)
    place = f"/patients/{patient.public_id}/measures/lifestyle/"
    assert [(item.words, item.status, item.path) for item in found] == [
        ("Nothing stands out", "info", place),
        ("Other drugs: 1 or 2 days", "warn", place),
    ]
    mark_seen(by=cared.therapist, now=THEN, patient=patient, items=found)
    assert inbox_items(Patient.objects.all(), THEN) == []
