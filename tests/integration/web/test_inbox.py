"""What came in and nobody has looked at: who sees what, in which order, and who said that they looked."""

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from tests.factories.access import a_client, a_user
from tests.factories.measures import a_phq_9, a_total
from tests.factories.safety import an_asq
from tests.factories.sites import THEN
from tests.factories.tasks import SYSTEM, CaredFor, a_patient, a_task, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.inbox.items import InboxKind, Urgency
from openkap.apps.inbox.models import Beginning
from openkap.apps.inbox.operations import mark_seen
from openkap.apps.inbox.queries import seen_among
from openkap.apps.journal.operations import choose_readers, write_entry
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.measures.operations import Entry, correct_response, record_response
from openkap.apps.people.operations import add_to_care_team, link_account
from openkap.apps.tasks.kinds import TaskKind
from openkap.apps.tasks.operations import acknowledge_alert
from openkap.apps.tasks.queries import open_alerts_for
from openkap.errors import NotAllowedNow, Refused
from openkap.web.inbox import count_for, forget_count, inbox_for, items_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = THEN + 9 * DAY


@shared
def care() -> CaredFor:
    return cared_for()


def adopt(care: CaredFor) -> None:
    sign_off(
        by=care.medical_director,
        now=THEN,
        site=care.site,
        record_id="gad-7-reliable-change",
        version=1,
        adopted=True,
        reason="read",
    )


def test_the_reliably_worse_come_first_then_what_waits_longest(care: CaredFor) -> None:
    adopt(care)
    same, other = care.patient, a_patient(care.site)
    add_to_care_team(by=SYSTEM, now=THEN, patient=other, user=care.prescriber)
    a_total(same, THEN, 10, "gad-7")
    a_total(same, THEN + DAY, 12, "gad-7")
    a_total(other, THEN + 2 * DAY, 9, "gad-7")
    a_total(other, THEN + 3 * DAY, 17, "gad-7")
    found = inbox_for(care.prescriber, LATER)
    assert [one.patient for one in found] == [other, same]
    worst = found[0].items[0]
    assert (worst.urgency, worst.status) == (Urgency.WORSE, "over")
    assert "GAD-7 17" in worst.words
    assert "reliably worse" in worst.detail
    assert found[1].urgency is Urgency.NEW


def test_without_an_adopted_figure_another_severity_is_said_but_never_that_it_is_reliable(
    care: CaredFor,
) -> None:
    a_total(care.patient, THEN, 4, "gad-7")
    a_total(care.patient, THEN + DAY, 20, "gad-7")
    item = items_of(care.prescriber, care.patient, LATER)[0]
    assert (item.urgency, item.status) == (Urgency.CHANGED, "warn")
    assert "reliably" not in item.detail


def test_looking_is_said_once_with_a_name_and_leaves_a_trail(care: CaredFor) -> None:
    response = a_total(care.patient, THEN, 8, "gad-7")
    items = items_of(care.therapist, care.patient, LATER)
    assert mark_seen(by=care.therapist, now=LATER, patient=care.patient, items=items) == 1
    assert mark_seen(by=care.prescriber, now=LATER + DAY, patient=care.patient, items=items) == 0
    seen = seen_among(InboxKind.RESULT, [response.public_id])[response.public_id]
    assert (seen.seen_by, seen.seen_at) == (care.therapist, LATER)
    assert inbox_for(care.prescriber, LATER) == []
    assert Row.objects.filter(action="inbox.mark-seen").count() == 1


def test_a_correction_wants_a_look_again_and_what_it_corrects_no_more(care: CaredFor) -> None:
    first = a_total(care.patient, THEN, 8, "gad-7")
    items = items_of(care.therapist, care.patient, LATER)
    mark_seen(by=care.therapist, now=LATER, patient=care.patient, items=items)
    entry = Entry("gad-7", THEN, total=9)
    corrected = correct_response(by=SYSTEM, now=LATER, response=first, entry=entry, reason="misread")
    assert [item.about for item in items_of(care.therapist, care.patient, LATER)] == [corrected.public_id]


def test_nobody_marks_what_is_not_theirs(care: CaredFor) -> None:
    a_total(care.patient, THEN, 8, "gad-7")
    items = items_of(care.prescriber, care.patient, LATER)
    stranger = a_user(Role.PRESCRIBER, site=care.site)
    for user in (stranger, care.coordinator):
        with pytest.raises(Refused):
            mark_seen(by=user, now=LATER, patient=care.patient, items=items)
    assert inbox_for(stranger, LATER) == []
    assert len(inbox_for(care.coordinator, LATER)) == 1


def test_a_warning_closes_by_its_task_not_by_a_glance(care: CaredFor) -> None:
    a_task(care, kind=TaskKind.RISK_REVIEW)
    items = items_of(care.prescriber, care.patient, THEN)
    assert [item.kind for item in items] == [InboxKind.RISK_REVIEW]
    with pytest.raises(NotAllowedNow):
        mark_seen(by=care.prescriber, now=THEN, patient=care.patient, items=items)


def test_shared_journal_entries_are_for_those_who_read_therapy(care: CaredFor) -> None:
    own = a_user(Role.PATIENT, site=care.site)
    link_account(by=SYSTEM, now=THEN, patient=care.patient, user=own)
    care.patient.refresh_from_db()
    entry = write_entry(by=own, now=THEN, patient=care.patient, kind="free", text="I walked", who="private")
    assert items_of(care.therapist, care.patient, LATER) == []
    choose_readers(by=own, now=THEN + DAY, entry=entry, who="shared")
    assert [item.kind for item in items_of(care.therapist, care.patient, LATER)] == [InboxKind.JOURNAL]
    assert items_of(care.coordinator, care.patient, LATER) == []
    choose_readers(by=own, now=THEN + 2 * DAY, entry=entry, who="therapist")
    alone = items_of(care.therapist, care.patient, LATER)
    assert [item.kind for item in alone] == [InboxKind.JOURNAL_ALONE]
    assert "walked" not in f"{alone[0].words} {alone[0].detail}"
    for other in (care.prescriber, care.medical_director):
        assert items_of(other, care.patient, LATER) == [], "for the therapist alone"
        with pytest.raises(Refused):
            mark_seen(by=other, now=LATER, patient=care.patient, items=alone)
    mark_seen(by=care.therapist, now=LATER, patient=care.patient, items=alone)
    assert items_of(care.therapist, care.patient, LATER) == []


def test_a_week_is_listed_once_and_stays_looked_at(care: CaredFor) -> None:
    answers = {str(number): 3 for number in range(1, 8)}
    record_response(by=SYSTEM, now=THEN, patient=care.patient, entry=Entry("the-week", THEN, answers))
    items = items_of(care.therapist, care.patient, LATER)
    assert [item.kind for item in items] == [InboxKind.LIFESTYLE]
    mark_seen(by=care.therapist, now=LATER, patient=care.patient, items=items)
    assert items_of(care.therapist, care.patient, LATER) == []


def test_what_came_before_it_was_noted_who_looked_is_held_against_nobody(care: CaredFor) -> None:
    a_total(care.patient, THEN, 8, "gad-7")
    assert len(items_of(care.therapist, care.patient, LATER)) == 1, "a new installation begins with everything"
    begin = import_module("openkap.apps.inbox.migrations.0002_begin").begin_where_patients_are
    begin(apps, connection.schema_editor())
    assert Beginning.objects.count() == 1
    assert items_of(care.therapist, care.patient, LATER) == []
    fresh = a_total(care.patient, Beginning.objects.get().at + DAY, 9, "gad-7")
    assert [item.about for item in items_of(care.therapist, care.patient, LATER)] == [fresh.public_id]


def page(user: User, query: str = "") -> str:
    with time_machine.travel(LATER, tick=False):
        response = a_client(user).get(f"/inbox/{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_page_shows_marks_and_counts(care: CaredFor) -> None:
    response = a_phq_9(care.patient, THEN)
    html = page(care.therapist)
    assert care.patient.name in html
    assert f"result:{response.public_id}" in html
    assert Row.objects.filter(action="inbox.read", patient_id=care.patient.public_id).exists()
    assert "inbox-act" not in page(care.coordinator)
    assert count_for(care.therapist, LATER) == 1
    with time_machine.travel(LATER, tick=False):
        client = a_client(care.therapist)
        there = client.post(
            f"/inbox/{care.patient.public_id}/seen/",
            {"item": [f"result:{response.public_id}", "result:nothing"], "next": "https://elsewhere.example/"},
        )
    assert there.headers["Location"] == "/inbox/"
    assert count_for(care.therapist, LATER) == 0
    assert "has been looked at" in page(care.therapist)
    forget_count(care.prescriber)


def test_mine_are_those_on_whose_team_i_am(care: CaredFor) -> None:
    a_total(care.patient, THEN, 8, "gad-7")
    stranger = a_patient(care.site)
    a_total(stranger, THEN, 8, "gad-7")
    director = care.medical_director
    assert {one.patient for one in inbox_for(director, LATER)} == {care.patient, stranger}
    assert {one.patient for one in inbox_for(director, LATER, "mine")} == {care.patient}


def test_the_number_of_queries_does_not_grow_with_patients(
    care: CaredFor, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        a_total(a_patient(care.site), THEN, 8, "gad-7")
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert len(inbox_for(care.medical_director, LATER)) == 3


def test_an_alert_nobody_has_acknowledged_stands_first_and_cannot_be_waved_away(care: CaredFor) -> None:
    other = a_patient(care.site)
    add_to_care_team(by=SYSTEM, now=THEN, patient=other, user=care.prescriber)
    a_total(other, THEN - DAY, 9, "gad-7")
    a_phq_9(care.patient, THEN, "1,1,1,1,1,1,1,1,1")
    found = inbox_for(care.prescriber, LATER)
    assert [one.patient for one in found] == [care.patient, other]
    first = found[0].items[0]
    assert (first.kind, first.urgency, first.row.marks) == (InboxKind.ALERT, Urgency.NOW, None)
    assert "Several days" in first.detail
    for alert in open_alerts_for(care.prescriber):
        acknowledge_alert(by=care.prescriber, now=LATER, alert=alert, what_was_done="Called her")
    kinds = {item.kind for item in items_of(care.prescriber, care.patient, LATER)}
    assert InboxKind.ALERT not in kinds


def test_a_form_without_a_total_is_set_against_what_it_said_before(care: CaredFor) -> None:
    for days in (0, 1):
        an_asq(care.patient, THEN + days * DAY)
    newest, oldest = items_of(care.prescriber, care.patient, LATER)
    assert oldest.detail == "the first one"
    assert newest.detail.startswith("as on ")
