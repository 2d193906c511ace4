"""An intake: kept as typed, handed in once, and in the record only what a person took over."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from tests.factories.access import a_client, a_user
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import a_telephone, let_in
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.chart.allergies import allergies_shown
from openkap.apps.chart.operations import take_allergy, take_condition
from openkap.apps.chart.queries import allergies_of, conditions_of, facts_for, medications_of
from openkap.apps.intake import operations, queries
from openkap.apps.intake.models import Answer, Decision, Intake, IntakeState
from openkap.apps.intake.portal_items import portal_items
from openkap.apps.intake.reviewing import Verdict, decide
from openkap.apps.intake.topics import FIELDS, LONGEST, TOPICS
from openkap.apps.messages.channels import Channel
from openkap.apps.people.details import details_of
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import change_details
from openkap.apps.portal.models import PortalLink
from openkap.apps.tasks.queries import open_tasks_about
from openkap.core.assessment.facts import FactStatus
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
WRITTEN = {
    "phone": "555 0188",
    "conditions": "asthma since 2010\n\n  migraine ",
    "medicines": "sertraline 50 mg in the morning",
    "allergies": "penicillin, rash",
    "brings": "I want to sleep again.",
    "ride": "yes",
}


@shared
def patient() -> Patient:
    return a_patient(a_site("Alder House"), phone="555 0100")


@pytest.fixture
def coordinator(patient: Patient) -> User:
    return a_user(Role.COORDINATOR, site=patient.site)


@pytest.fixture
def own(patient: Patient) -> User:
    return let_in(patient)


@pytest.fixture
def intake(patient: Patient, coordinator: User, own: User) -> Intake:
    return operations.begin_intake(by=coordinator, now=THEN, patient=patient)


@pytest.fixture
def sent(intake: Intake, own: User) -> Intake:
    operations.keep_answers(by=own, now=THEN, intake=intake, answers=WRITTEN)
    return operations.send_intake(by=own, now=THEN, intake=intake)


def keys(intake: Intake) -> dict[str, str]:
    return {point.key: point.said for _topic, points in queries.points_of(intake) for point in points}


def taking(intake: Intake, *but: str) -> dict[str, Verdict]:
    return {key: Verdict(take=key not in but, text=said) for key, said in keys(intake).items()}


# ---- filling in


def test_one_intake_at_a_time(intake: Intake, coordinator: User, patient: Patient) -> None:
    assert operations.begin_intake(by=coordinator, now=THEN, patient=patient) == intake
    with pytest.raises(Refused):
        operations.begin_intake(by=a_user(Role.THERAPIST, site=patient.site), now=THEN, patient=patient)


def test_every_answer_is_kept_by_itself(intake: Intake, own: User, coordinator: User) -> None:
    operations.keep_answers(by=own, now=THEN, intake=intake, answers={"brings": "a", "phone": "1"})
    operations.keep_answers(by=coordinator, now=THEN, intake=intake, answers={"brings": "ab"})
    assert queries.answers_of(intake) == {"brings": "ab", "phone": "1"}
    assert Answer.objects.get(field="brings").saved_by == coordinator


def test_nobody_writes_in_anothers_intake(intake: Intake, patient: Patient) -> None:
    stranger = let_in(a_patient(patient.site))
    for by in (stranger, a_user(Role.THERAPIST, site=patient.site), a_user(Role.COORDINATOR)):
        with pytest.raises(Refused):
            operations.keep_answers(by=by, now=THEN, intake=intake, answers={"brings": "x"})
        with pytest.raises(Refused):
            operations.send_intake(by=by, now=THEN, intake=intake)
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [
        {"nothing": "x"},
        {"brings": "x" * (LONGEST + 1)},
        {"brings": "a\x00b"},
        {"ride": "perhaps"},
        {"no_allergies": "maybe"},
        {"conditions": "\n".join(str(n) for n in range(41))},
        {"brings": "fine", "ride": "perhaps"},
    ],
)
def test_what_cannot_be_an_answer_is_refused_whole(intake: Intake, own: User, answers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        operations.keep_answers(by=own, now=THEN, intake=intake, answers=answers)
    assert not Answer.objects.exists()


def test_it_is_handed_in_once_and_asks_the_coordinator(sent: Intake, own: User, patient: Patient) -> None:
    assert operations.send_intake(by=own, now=THEN, intake=sent).state == IntakeState.SENT
    (task,) = open_tasks_about(patient)
    assert (task.kind, task.role) == ("intake-review", Role.COORDINATOR)
    assert Row.objects.filter(action="intake.send").count() == 1
    with pytest.raises(NotAllowedNow, match="handed in already"):
        operations.keep_answers(by=own, now=THEN, intake=sent, answers={"brings": "more"})


def test_an_empty_one_is_not_handed_in(intake: Intake, own: User) -> None:
    with pytest.raises(BadInput, match="Nothing was written"):
        operations.send_intake(by=own, now=THEN, intake=intake)
    operations.withdraw_intake(by=SYSTEM, now=THEN, intake=intake)
    with pytest.raises(NotAllowedNow):
        operations.send_intake(by=own, now=THEN, intake=intake)


def test_the_invitation_and_the_intake_come_together_or_not_at_all(patient: Patient, coordinator: User) -> None:
    with pytest.raises(NotAllowedNow):
        operations.invite_to_intake(
            by=coordinator, now=THEN, patient=patient, channel=Channel.MAIL, language="en"
        )
    assert not Intake.objects.exists()
    operations.invite_to_intake(
        by=coordinator, now=THEN, patient=patient, channel=Channel.HANDED, language="es"
    )
    assert Intake.objects.get().patient == patient
    assert PortalLink.objects.get().patient == patient


def test_it_waits_on_today_until_it_is_handed_in(intake: Intake, own: User, patient: Patient) -> None:
    (item,) = portal_items(patient, THEN)
    assert (item.section, item.action) == ("questions", "")
    operations.keep_answers(by=own, now=THEN, intake=intake, answers={"brings": "x"})
    assert portal_items(patient, THEN)[0].action == "Go on"
    operations.send_intake(by=own, now=THEN, intake=intake)
    assert portal_items(patient, THEN) == []


# ---- into the record


def test_nothing_enters_the_record_unreviewed(sent: Intake, patient: Patient) -> None:
    patient.refresh_from_db()
    assert patient.phone == "555 0100"
    assert not conditions_of(patient).exists()
    assert not medications_of(patient).exists()
    assert queries.told(patient) == {}


def test_each_thing_is_taken_changed_or_left_out(sent: Intake, coordinator: User, patient: Patient) -> None:
    verdicts = taking(sent, "conditions-2")
    verdicts["medicines-1"] = Verdict(take=True, text="Sertraline", more="50 mg in the morning")
    assert decide(by=coordinator, now=THEN, intake=sent, verdicts=verdicts) == 0
    patient.refresh_from_db()
    sent.refresh_from_db()
    assert patient.phone == "555 0188"
    (condition,) = conditions_of(patient)
    assert (condition.text, condition.provenance, condition.verification_status) == (
        "asthma since 2010", "patient", "unconfirmed",
    )  # fmt: skip
    (medicine,) = medications_of(patient)
    assert (medicine.text, medicine.dosage, medicine.kind) == (
        "Sertraline",
        "50 mg in the morning",
        "statement",
    )
    assert [row.text for row in allergies_of(patient)] == ["penicillin, rash"]
    assert queries.told(patient) == {"brings": "I want to sleep again.", "ride": "yes"}
    assert sent.state == IntakeState.REVIEWED
    assert not open_tasks_about(patient).exists()
    outcomes = dict(Decision.objects.values_list("field", "outcome"))
    assert (outcomes["medicines"], outcomes["phone"]) == ("changed", "accepted")
    assert Decision.objects.get(field="conditions", line=2).outcome == "refused"
    assert Decision.objects.get(field="conditions", line=1).row_id == condition.public_id


def test_what_a_patient_tells_settles_no_rule(sent: Intake, coordinator: User, patient: Patient) -> None:
    decide(by=coordinator, now=THEN, intake=sent, verdicts=taking(sent))
    status = {fact.text: fact.status for fact in facts_for(patient, THEN.date())}
    assert status["asthma since 2010"] is FactStatus.UNKNOWN
    assert status["sertraline 50 mg in the morning"] is FactStatus.ACTIVE
    assert status["penicillin, rash"] is FactStatus.ACTIVE


def test_no_known_allergy_is_a_statement_beside_which_a_named_one_stands(
    intake: Intake, own: User, coordinator: User, patient: Patient
) -> None:
    operations.keep_answers(by=own, now=THEN, intake=intake, answers={"no_allergies": "yes"})
    operations.send_intake(by=own, now=THEN, intake=intake)
    decide(by=coordinator, now=THEN, intake=intake, verdicts=taking(intake))
    assert allergies_shown(patient, THEN).none_known
    take_allergy(by=coordinator, now=THEN, patient=patient, text="Latex")
    assert allergies_shown(patient, THEN).names == ("Latex",)


def test_decisions_may_come_one_by_one_but_each_once(sent: Intake, coordinator: User) -> None:
    first = {"phone-0": Verdict(take=False)}
    left = decide(by=coordinator, now=THEN, intake=sent, verdicts=first)
    assert left == len(keys(sent)) - 1 == queries.undecided(sent)
    with pytest.raises(NotAllowedNow, match="already"):
        decide(by=coordinator, now=THEN, intake=sent, verdicts=first)
    with pytest.raises(BadInput):
        decide(by=coordinator, now=THEN, intake=sent, verdicts={"phone-7": Verdict(take=True, text="x")})


@pytest.mark.parametrize(
    "wrong", [{"conditions-1": Verdict(take=True, text=" ")}, {"phone-0": Verdict(take=True, text="5" * 41)}]
)
def test_a_refused_value_leaves_everything_as_it_was(
    sent: Intake, coordinator: User, patient: Patient, wrong: dict[str, Verdict]
) -> None:
    with pytest.raises(BadInput):
        decide(by=coordinator, now=THEN, intake=sent, verdicts=taking(sent) | wrong)
    patient.refresh_from_db()
    assert patient.phone == "555 0100"
    assert not Decision.objects.exists()
    assert not medications_of(patient).exists()


def test_only_staff_who_register_take_it_over(sent: Intake, own: User, patient: Patient) -> None:
    for by in (own, a_user(Role.THERAPIST, site=patient.site), a_user(Role.COORDINATOR)):
        with pytest.raises(Refused):
            decide(by=by, now=THEN, intake=sent, verdicts=taking(sent))


def test_an_open_one_cannot_be_reviewed(intake: Intake, coordinator: User) -> None:
    with pytest.raises(NotAllowedNow):
        decide(by=coordinator, now=THEN, intake=intake, verdicts={})


def test_what_stands_in_the_record_already_is_shown_beside_it(
    sent: Intake, coordinator: User, patient: Patient
) -> None:
    take_condition(by=coordinator, now=THEN, patient=patient, text="Migraine")
    points = {point.key: point for _topic, found in queries.points_of(sent) for point in found}
    assert points["conditions-2"].is_same
    assert points["conditions-1"].held == ("Migraine",)
    assert points["phone-0"].held == ("555 0100",)


def test_details_left_as_they_are_need_no_decision(
    intake: Intake, own: User, coordinator: User, patient: Patient
) -> None:
    held = details_of(patient)
    operations.keep_answers(
        by=own, now=THEN, intake=intake, answers={"given_name": held.given_name, "family_name": "Newname"}
    )
    operations.send_intake(by=own, now=THEN, intake=intake)
    assert set(keys(intake)) == {"family_name-0"}
    decide(by=coordinator, now=THEN, intake=intake, verdicts=taking(intake))
    patient.refresh_from_db()
    assert patient.family_name == "Newname"
    assert patient.former_details.count() == 1


def test_an_intake_that_says_nothing_new_can_be_closed(
    intake: Intake, own: User, coordinator: User, patient: Patient
) -> None:
    operations.keep_answers(by=own, now=THEN, intake=intake, answers={"phone": "555 0100"})
    operations.send_intake(by=own, now=THEN, intake=intake)
    assert decide(by=coordinator, now=THEN, intake=intake, verdicts={}) == 0
    intake.refresh_from_db()
    assert intake.state == IntakeState.REVIEWED


def test_a_change_of_details_meanwhile_is_not_undone(sent: Intake, coordinator: User, patient: Patient) -> None:
    change_details(
        by=coordinator, now=THEN, patient=patient, details=replace(details_of(patient), address="Mill Lane 1")
    )
    decide(by=coordinator, now=THEN, intake=sent, verdicts=taking(sent))
    patient.refresh_from_db()
    assert (patient.address, patient.phone) == ("Mill Lane 1", "555 0188")


# ---- as browsers ask for it


def put(client: Client, path: str, body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.put(path, data, content_type="application/json", headers={"Accept": "application/json"})


def test_typing_is_kept_field_by_field(intake: Intake, patient: Patient) -> None:
    client, path = a_telephone(patient), "/portal/questions/about-me/allergies/"
    assert put(client, path, {"allergies": ["nuts"], "no_allergies": []}).status_code == 200
    assert put(client, path, {"no_allergies": ["on"]}).json() == {"kept": ["no_allergies"]}
    assert queries.answers_of(intake) == {"allergies": "nuts", "no_allergies": "yes"}
    assert "nuts" in client.get(path).content.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"a": "b"}',
        b'{"a": [1]}',
        b"\xff",
        b"{" * 3000,
        {"a": ["b"]},
        {"brings": ["\x00"]},
        b"x" * 70000,
    ],
)
def test_what_cannot_be_read_is_refused_in_words(intake: Intake, patient: Patient, body: Any) -> None:
    answer = put(a_telephone(patient), "/portal/questions/about-me/why/", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad-input"
    assert not Answer.objects.exists()


def test_the_screens_follow_each_other_and_end_at_the_check(intake: Intake, patient: Patient) -> None:
    client = a_telephone(patient)
    root = "/portal/questions/about-me/"
    for topic, following in zip(TOPICS, [*(one.id for one in TOPICS[1:]), "check"], strict=True):
        assert client.get(f"{root}{topic.id}/").status_code == 200
        assert client.post(f"{root}{topic.id}/", {"brings": "x"}).headers["Location"] == f"{root}{following}/"
    assert client.get(f"{root}nothing/").status_code == 404
    client.post(f"{root}check/")
    client.post(f"{root}check/")  # pressed twice
    assert "It is with your care team" in client.get(root).content.decode()
    assert client.get(f"{root}why/").headers["Location"] == root
    assert client.put(f"{root}why/", "{}", content_type="application/json").status_code == 404
    assert Intake.objects.get().state == IntakeState.SENT


def test_going_on_leads_to_the_first_screen_without_an_answer(
    intake: Intake, own: User, patient: Patient
) -> None:
    client = a_telephone(patient)
    first = {topic.fields[0].name: "x" for topic in TOPICS[:3]}
    operations.keep_answers(by=own, now=THEN, intake=intake, answers=first)
    page = client.get("/portal/questions/about-me/").content.decode()
    assert f'<a class="portal-button" href="/portal/questions/about-me/{TOPICS[3].id}/">Go on' in page
    operations.keep_answers(
        by=own, now=THEN, intake=intake, answers={topic.fields[0].name: "x" for topic in TOPICS[3:]}
    )
    page = client.get("/portal/questions/about-me/").content.decode()
    assert '<a class="portal-button" href="/portal/questions/about-me/check/">' in page


def test_without_an_intake_nothing_breaks(patient: Patient) -> None:
    client = a_telephone(patient)
    assert "Nothing to fill in now" in client.get("/portal/questions/about-me/").content.decode()
    assert client.get("/portal/questions/about-me/check/").headers["Location"] == "/portal/questions/about-me/"
    assert client.post("/portal/questions/about-me/check/").status_code == 302


def test_an_empty_check_says_so(intake: Intake, patient: Patient) -> None:
    answer = a_telephone(patient).post("/portal/questions/about-me/check/")
    assert answer.status_code == 400
    assert "Nothing was written yet" in answer.content.decode()


def test_another_patient_finds_nothing_of_it(sent: Intake, patient: Patient) -> None:
    stranger = a_telephone(a_patient(patient.site))
    assert "sleep again" not in stranger.get("/portal/questions/about-me/").content.decode()
    assert stranger.get(f"/patients/{patient.public_id}/intake/{sent.public_id}/").status_code == 403


def test_staff_fill_in_hand_in_and_review_by_the_pages(patient: Patient, coordinator: User) -> None:
    client = a_client(coordinator)
    root = client.post(f"/patients/{patient.public_id}/intake/").headers["Location"]
    assert "Fill in with the patient" in client.get(root).content.decode()
    assert put(client, f"{root}health/", {"conditions": ["gout\nasthma"]}).status_code == 200
    assert client.post(f"{root}why/", {"brings": "sleep"}).headers["Location"] == f"{root}health/"
    assert client.post(f"{root}home/", {}).headers["Location"] == root
    client.post(f"{root}send/")
    said = {"conditions-1-decision": "take", "conditions-1-text": "Gout", "conditions-1-more": "2019"}
    assert client.post(root, said).headers["Location"] == root
    assert [(row.text, row.onset_text) for row in conditions_of(patient)] == [("Gout", "2019")]
    page = client.get(root).content.decode()
    assert "taken over with a change" in page
    assert "2 answers wait" in page
    empty = {"conditions-2-decision": "take", "conditions-2-text": ""}
    answer = client.post(root, empty)
    assert answer.status_code == 400
    assert "Nothing was taken over" in answer.content.decode()
    assert Row.objects.filter(action="intake.read").exists()


def test_an_empty_one_of_staff_is_not_handed_in_and_can_be_withdrawn(
    patient: Patient, coordinator: User
) -> None:
    client = a_client(coordinator)
    root = client.post(f"/patients/{patient.public_id}/intake/").headers["Location"]
    client.post(f"{root}send/")
    assert Intake.objects.get().state == IntakeState.OPEN
    client.post(f"{root}withdraw/")
    assert Intake.objects.get().state == IntakeState.WITHDRAWN
    assert client.post(f"{root}withdraw/").status_code == 409


def test_every_question_has_a_name_of_its_own() -> None:
    names = [field.name for topic in TOPICS for field in topic.fields]
    assert len(names) == len(set(names)) == len(FIELDS)
