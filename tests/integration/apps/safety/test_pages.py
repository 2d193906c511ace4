"""The pages of suicide risk: chart, plan, review list, rota, the strip, and the patient's own plan."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client
from tests.factories.portal import a_help, a_telephone
from tests.factories.safety import ACUTE, POSITIVE, a_result, an_asq
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.adapters.mail.fake import FakeMail
from openkap.adapters.mail.port import NotDelivered
from openkap.apps.messages.models import Message
from openkap.apps.messages.sending import Ports, send_due
from openkap.apps.people.models import Patient
from openkap.apps.safety import queries, rota
from openkap.apps.safety.models import Decision, Plan, PlanReview, Result
from openkap.apps.safety.operations import keep_safety, write_plan
from openkap.apps.safety.timing import timing_at
from openkap.apps.sites.rows import new_id
from openkap.apps.tasks.models import Alert
from openkap.apps.tasks.operations import escalate_overdue
from openkap.core.assessment.suicide_risk import Level
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LINES = {
    "signs": ["I stop answering the telephone", "I count the tablets"],
    "helpers": ["Marta, 555 0178"],
    "professionals": ["Crisis line 988"],
    "surroundings": ["Marta keeps the tablets"],
}


@shared
def care() -> CaredFor:
    return cared_for()


@pytest.fixture
def patient(care: CaredFor) -> Patient:
    return care.patient


@pytest.fixture
def prescriber(care: CaredFor) -> Client:
    return a_client(care.prescriber)


def page_of(client: Client, patient: Patient) -> str:
    return client.get(reverse("safety:page", args=[patient.public_id])).content.decode()


def result_data(patient: Patient, **said: str) -> dict[str, str]:
    usual = {
        "assessed_at": "2026-09-01T08:00",
        "ideation": "1",
        "behaviour_recent": "no",
        "behaviour_ever": "no",
        "note": "",
        "entry_id": str(new_id()),
    }
    return usual | said


def test_nothing_is_known_and_the_page_says_so(prescriber: Client, patient: Patient) -> None:
    page = page_of(prescriber, patient)
    assert "Not assessed" in page
    assert "not the same as no risk" in page
    assert "keeps no rota" in page


def test_the_page_shows_level_steps_history_and_asks_for_the_decision(
    prescriber: Client, patient: Patient
) -> None:
    an_asq(patient, timezone.now(), ACUTE)
    page = page_of(prescriber, patient)
    for words in ("Dosing is held", "Be with them or stay on the line", "Sign the decision", "ASQ, acute"):
        assert words in page
    chart = prescriber.get(f"/patients/{patient.public_id}/").content.decode()
    assert "Suicide risk" in chart
    assert "no dose" in chart


def test_a_decision_is_signed_once_from_the_page(prescriber: Client, patient: Patient) -> None:
    an_asq(patient, timezone.now(), ACUTE)
    address = reverse("safety:decide", args=[patient.public_id])
    wrong = prescriber.post(address, {"choice": "higher-care", "reason": "seen"})
    assert wrong.status_code == 400
    assert "Say in which setting" in wrong.content.decode()
    data = {"choice": "none", "reason": "seen, no dose today"}
    for _time in range(2):
        prescriber.post(address, data)
    assert Decision.objects.count() == 1
    assert "No dose" in page_of(prescriber, patient)


def test_a_result_is_entered_from_the_page(prescriber: Client, patient: Patient, care: CaredFor) -> None:
    address = reverse("safety:result", args=[patient.public_id])
    data = result_data(patient, ideation="3", behaviour_ever="unknown")
    for _time in range(2):
        assert prescriber.post(address, data).status_code == 302
    assert Result.objects.count() == 1
    assert queries.standing_of(patient).level is Level.MODERATE


@pytest.mark.parametrize(
    "said",
    [
        {"ideation": "9"},
        {"ideation": ""},
        {"behaviour_recent": "yes"},
        {"assessed_at": "2100-01-01T08:00"},
        {"entry_id": "x"},
        {"behaviour_ever": "perhaps"},
    ],
)
def test_a_wrong_result_comes_back_and_nothing_is_kept(
    prescriber: Client, patient: Patient, said: dict[str, str]
) -> None:
    answer = prescriber.post(reverse("safety:result", args=[patient.public_id]), result_data(patient, **said))
    assert answer.status_code == 400
    assert not Result.objects.exists()


def test_who_may_only_read_sees_no_forms(care: CaredFor, patient: Patient) -> None:
    coordinator = a_client(care.coordinator)
    page = page_of(coordinator, patient)
    assert "Keep the result" not in page
    assert coordinator.post(reverse("safety:result", args=[patient.public_id]), {}).status_code == 403
    therapist = a_client(care.therapist)
    assert therapist.post(reverse("safety:decide", args=[patient.public_id]), {}).status_code == 403


# --- the safety plan --------------------------------------------------------------------------------------


def plan_for(care: CaredFor, based_on: int = 0, **lines: list[str]) -> Plan:
    content = LINES | lines
    return write_plan(
        by=care.therapist, now=timezone.now(), patient=care.patient, content=content, based_on=based_on
    )


def test_the_plan_has_versions_and_the_same_again_is_the_same(care: CaredFor, patient: Patient) -> None:
    assert plan_for(care).version == 1
    assert plan_for(care, based_on=1).version == 1
    assert plan_for(care, based_on=1, coping=["Walk to the canal"]).version == 2
    with pytest.raises(NotAllowedNow):
        plan_for(care, based_on=1, coping=["Something else"])
    assert [one.version for one in queries.plans_of(patient)] == [2, 1]


def test_what_is_no_plan_is_refused(care: CaredFor, patient: Patient) -> None:
    now = timezone.now()
    for content in ({}, {"signs": [" "]}, {"signs": ["x" * 301]}, {"signs": ["x"] * 13}):
        with pytest.raises(BadInput):
            write_plan(by=care.therapist, now=now, patient=patient, content=content, based_on=0)
    with pytest.raises(Refused):
        write_plan(by=care.coordinator, now=now, patient=patient, content=LINES, based_on=0)
    assert not Plan.objects.exists()


def test_it_is_written_in_the_chart_and_read_on_the_telephone(care: CaredFor, patient: Patient) -> None:
    a_help(patient.site)
    phone = a_telephone(patient)
    assert "There is none yet" in phone.get(reverse("safety:own-plan")).content.decode()
    assert "My safety plan" not in phone.get("/portal/help/").content.decode()
    therapist = a_client(care.therapist)
    address = reverse("safety:plan", args=[patient.public_id])
    data = {name: "\n".join(lines) for name, lines in LINES.items()} | {"based_on": "0"}
    assert therapist.post(address, data).status_code == 400  # nobody said whether the patient was there
    data["together"] = "yes"
    assert therapist.post(address, data).status_code == 302
    assert "I count the tablets" in therapist.get(address).content.decode()
    own = phone.get(reverse("safety:own-plan")).content.decode()
    assert 'href="tel:5550178"' in own
    assert "Marta keeps the tablets" in own
    assert "/portal/safety-plan/" in phone.get("/portal/help/").content.decode()
    assert therapist.post(address, data | {"signs": "other"}).status_code == 400


def test_it_is_gone_through_again_and_every_version_can_be_read(care: CaredFor, patient: Patient) -> None:
    plan_for(care)
    plan_for(care, based_on=1, coping=["Walk to the canal"])
    therapist, address = a_client(care.therapist), reverse("safety:plan", args=[patient.public_id])
    reviewed = reverse("safety:review-plan", args=[patient.public_id])
    assert "Not gone through again since" in therapist.get(address).content.decode()
    for version in ("1", "x", "²", "2", "2"):
        therapist.post(reviewed, {"version": version})
    review = PlanReview.objects.get()
    assert (review.plan.version, review.recorded_by) == (2, care.therapist)
    assert "Gone through together last" in therapist.get(address).content.decode()
    assert a_client(care.coordinator).post(reviewed, {"version": "2"}).status_code == 403
    earlier = therapist.get(address + "?version=1").content.decode()
    assert "An earlier version" in earlier
    assert "Walk to the canal" not in earlier.split("Change it together", maxsplit=1)[0]
    assert therapist.get(address + "?version=9").status_code == 404
    assert "Gone through together" in a_telephone(patient).get(reverse("safety:own-plan")).content.decode()


def test_nobody_reads_anothers_plan(care: CaredFor) -> None:
    plan_for(care)
    phone = a_telephone(cared_for(site=care.site).patient)
    assert "tablets" not in phone.get(reverse("safety:own-plan")).content.decode()


# --- the review list, the strip ---------------------------------------------------------------------------


def test_unchanged_answers_are_on_the_days_list(care: CaredFor, patient: Patient, prescriber: Client) -> None:
    now = timezone.now()
    an_asq(patient, now - DAY, POSITIVE)
    assert patient.name not in prescriber.get(reverse("safety:review")).content.decode()
    an_asq(patient, now, POSITIVE)
    assert patient.name in prescriber.get(reverse("safety:review")).content.decode()
    assert patient.name in prescriber.get(reverse("safety:review") + "?show=steps&mine=1").content.decode()
    assert prescriber.get(reverse("safety:review") + "?show=x&site=y&page=z").status_code == 200
    elsewhere = a_client(cared_for().prescriber)
    assert patient.name not in elsewhere.get(reverse("safety:review") + "?show=steps").content.decode()


def test_an_alert_stands_on_every_page_of_those_who_may_answer(
    care: CaredFor, patient: Patient, prescriber: Client
) -> None:
    strip = reverse("tasks:strip")
    assert prescriber.get(strip).content.decode().strip() == ""
    assert f'hx-get="{strip}"' in prescriber.get("/").content.decode()
    an_asq(patient, timezone.now(), ACUTE)
    waiting = prescriber.get(strip).content.decode()
    assert "1 alert needs someone now" in waiting
    assert str(Alert.objects.get().public_id) in waiting
    assert patient.family_name not in waiting  # it stands on locked screens, too
    assert 'target="_blank"' in prescriber.get(strip + "?where=session").content.decode()
    assert 'id="alert-strip" role="alert"' in prescriber.get("/").content.decode()
    assert "alert" not in a_client(cared_for().prescriber).get(strip).content.decode()


# --- the rota ---------------------------------------------------------------------------------------------


def test_the_coordinator_keeps_the_rota(care: CaredFor) -> None:
    keeper, address = a_client(care.coordinator), reverse("safety:duty", args=[care.site.public_id])
    assert "No rota yet" in keeper.get(address).content.decode()
    shift = {"user": str(care.monitor.public_id), "weekday": "0", "begins": "08:00", "ends": "18:00"}
    assert keeper.post(address, shift).status_code == 302
    assert keeper.post(address, shift | {"weekday": ""}).status_code == 400
    assert keeper.post(address, shift | {"user": ""}).status_code == 400
    rule = {"user": "", "what_happens": "Patients are told to call 988"}
    assert keeper.post(reverse("safety:unstaffed", args=[care.site.public_id]), rule).status_code == 302
    page = keeper.get(address).content.decode()
    assert "Monday, 08:00" in page
    assert "Patients are told to call 988" in page
    made = rota.shifts_of(care.site).get()
    end = reverse("safety:end-shift", args=[care.site.public_id, made.public_id])
    assert keeper.post(end).status_code == 302
    assert keeper.post(end).status_code == 404
    assert not rota.shifts_of(care.site).exists()
    assert a_client(care.therapist).get(address).status_code == 403
    assert a_client(cared_for().coordinator).get(address).status_code == 404


def test_a_clinicians_history_says_what_each_thing_changed(
    care: CaredFor, patient: Patient, prescriber: Client
) -> None:
    now = timezone.now()
    an_asq(patient, now - DAY, POSITIVE)
    a_result(patient, care.prescriber, now, 0)
    page = page_of(prescriber, patient)
    assert "None found" in page
    assert "question 1: yes" in page
    assert "ideation 0: none" in page


def test_who_was_called_and_what_was_done_stands_in_the_chart(
    care: CaredFor, patient: Patient, prescriber: Client
) -> None:
    now = timezone.now()
    an_asq(patient, now - timedelta(minutes=20), ACUTE)
    escalate_overdue(now=now)
    keep_safety(now=now)
    alert = Alert.objects.get()
    page = page_of(prescriber, patient)
    assert "not acknowledged" in page
    assert "it went on to Prescriber" in page
    assert f"{care.prescriber} called by e-mail" in page
    data = {"what_was_done": "With her now", "next": reverse("safety:page", args=[patient.public_id])}
    prescriber.post(reverse("tasks:acknowledge", args=[alert.public_id]), data)
    assert f"acknowledged by {care.prescriber}: With her now" in page_of(prescriber, patient)


# --- times, numbers, and whether messages go out ----------------------------------------------------------


def fields_of(page: Any) -> dict[str, Any]:
    """What a form would send as it stands."""
    form = page.context["form"]
    return {field.name: field.value() if field.value() is not None else "" for field in form}


def test_the_director_signs_the_sites_own_times_and_looser_ones_one_by_one(care: CaredFor) -> None:
    address = reverse("safety:times", args=[care.site.public_id])
    director = a_client(care.medical_director)
    data = fields_of(director.get(address)) | {"reason": "The house is small", "step__acute__stay": "5"}
    assert director.post(address, data).status_code == 302
    assert "Version 1" in director.get(address).content.decode()
    loose = fields_of(director.get(address)) | {"reason": "The house is large", "alert": "20"}
    asked = director.post(address, loose)
    assert asked.status_code == 400
    assert "I sign each of them" in asked.content.decode()
    assert timing_at(care.site, timezone.now()).minutes["alert"] == 15
    assert director.post(address, loose | {"signed": ["alert"]}).status_code == 302
    held = timing_at(care.site, timezone.now()).minutes
    assert (held["alert"], held["step:acute:stay"]) == (20, 5)
    assert "looser than the record, signed" in director.get(address).content.decode()
    for wrong in ({"alert": "0"}, {"alert": "999"}, {"reason": ""}, {"based_on": "1"}, {"review_hour": "25"}):
        again = fields_of(director.get(address)) | {"reason": "The house is large"} | wrong
        assert director.post(address, again).status_code == 400


def test_who_keeps_the_rota_sees_the_times_and_does_not_sign_them(care: CaredFor) -> None:
    keeper, address = a_client(care.coordinator), reverse("safety:times", args=[care.site.public_id])
    assert "Only the medical director" in keeper.get(address).content.decode()
    assert keeper.post(address, {}).status_code == 403
    assert a_client(care.therapist).get(address).status_code == 403


def test_numbers_are_kept_and_a_test_message_tells_whether_messages_go_out(
    care: CaredFor, settings: Any
) -> None:
    keeper, site = a_client(care.coordinator), care.site.public_id
    duty, help_page = reverse("safety:duty", args=[site]), reverse("portal:site-help", args=[site])
    number, test = reverse("safety:staff-number", args=[site]), reverse("portal:test-message", args=[site])
    assert "No message leaves this house" in keeper.get(duty).content.decode()
    keeper.post(test, {"channel": "mail", "key": "1"})
    assert not Message.objects.exists()
    settings.MAIL_READY = True
    for _twice in range(2):
        keeper.post(test, {"channel": "mail", "key": "1"})
    keeper.post(test, {"channel": "sms", "key": "1"})
    assert Message.objects.get().user == care.coordinator
    who = {"user": str(care.monitor.public_id)}
    assert keeper.post(number, who | {"number": "nothing"}).status_code == 400
    assert keeper.post(number, who | {"number": "+1 555 0100"}).status_code == 302
    assert "+15550100" in keeper.get(duty).content.decode()
    mail = FakeMail()
    mail.fails.append(NotDelivered("timeout", for_good=False))
    send_due(now=timezone.now(), ports=Ports(mail=mail, sms=None))
    page = keeper.get(help_page).content.decode()
    assert "What did not go out" in page
    assert "did not go out yet" in page
