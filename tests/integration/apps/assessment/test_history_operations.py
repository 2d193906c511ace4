"""Entering what was tried and asked: kept, corrected, withdrawn; refused without a trace."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.factories.access import a_user
from tests.factories.history import a_spell, a_trial, a_whole_history, ask_screens, tried
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment import operations
from openkap.apps.assessment import tried as histories
from openkap.apps.assessment.models import DifferentialDecision, PastTreatment, PresentSpell, ScreenReply
from openkap.apps.assessment.models.treatment import Kind
from openkap.apps.audit.models import Row
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.models import Patient
from openkap.core.assessment import FactStatus
from openkap.core.assessment.history import judge_treatments
from openkap.core.assessment.resistance import Resistance
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.units.partial_dates import PartialDate

pytestmark = pytest.mark.django_db
TODAY = THEN.date()
LATER = THEN + timedelta(hours=1)


@shared
def asked() -> tuple[Patient, User]:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    return a_patient(site, prescriber), prescriber


def facts(patient: Patient) -> dict[str, FactStatus]:
    known = knowledge_for(patient.site, LATER)
    return {fact.concept: fact.status for fact in histories.history_facts_for(patient, TODAY, known)}


def test_a_treatment_is_kept_with_its_class_and_a_trace(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    row = a_trial(patient, prescriber)
    assert (row.name, row.drug_class, row.dose_unit) == ("sertraline", "ssri", "mg/d")
    assert (row.recorded_by, row.recorded_at, row.site_id) == (prescriber, THEN, patient.site_id)
    trace = Row.objects.filter(action="assessment.record-treatment").get()
    assert trace.details == {"kind": "drug"}


def test_free_text_has_the_class_that_was_said(asked: tuple[Patient, User]) -> None:
    patient, _ = asked
    row = a_trial(patient, treatment="", name="  a trial drug ", drug_class="snri")
    assert (row.name, row.medicine, row.drug_class) == ("a trial drug", "", "snri")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"treatment": "snake-oil"}, "name"),
        ({"treatment": "tried-cbt"}, "name"),  # not a medicine
        ({"treatment": "", "name": " "}, "name"),
        ({"treatment": "", "name": "x", "drug_class": "psychotherapy"}, "drug_class"),
        ({"kind": "surgery"}, "kind"),
        ({"told_by": "rumour"}, "told_by"),
        ({"laterality": "left"}, "laterality"),
        ({"sessions": -1}, "sessions"),
        ({"dose": Decimal(0)}, "dose"),
        ({"dose_unit": ""}, "dose_unit"),
        ({"percent_better": Decimal(101)}, "percent_better"),
        ({"score_before": Decimal(10)}, "score_after"),
        ({"score_after": Decimal(10)}, "score_before"),
        ({"score_before": Decimal(0), "score_after": Decimal(10)}, "score_before"),
        ({"score_before": Decimal(1), "score_after": Decimal(500), "percent_better": None}, "score_after"),
        ({"weeks": Decimal(0)}, "weeks"),
        ({"began": PartialDate.parse("2027")}, "began"),
        ({"began": PartialDate.parse("1980")}, "began"),  # before birth
        ({"began": PartialDate.parse("2025-02"), "ended": PartialDate.parse("2025-01")}, "ended"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    asked: tuple[Patient, User], said: dict[str, Any], field: str
) -> None:
    patient, prescriber = asked
    with pytest.raises(BadInput) as refused:
        a_trial(patient, prescriber, **said)
    assert refused.value.field == field
    assert not PastTreatment.objects.exists()
    assert not Row.objects.filter(action="assessment.record-treatment").exists()


def test_percent_follows_from_the_scores_and_must_agree_with_them(asked: tuple[Patient, User]) -> None:
    patient, _ = asked
    scores: dict[str, Any] = {"measure": "MADRS", "score_before": Decimal(36), "score_after": Decimal(27)}
    assert a_trial(patient, percent_better=None, **scores).percent_better == Decimal(25)
    assert a_trial(patient, percent_better=Decimal("25.4"), **scores).percent_better == Decimal("25.4")
    with pytest.raises(BadInput):
        a_trial(patient, percent_better=Decimal(40), **scores)


@pytest.mark.parametrize(
    "act",
    [
        lambda patient, by: operations.record_treatment(by=by, now=THEN, patient=patient, tried=tried()),
        a_spell,
        ask_screens,
        lambda patient, by: operations.conclude(
            by=by, now=THEN, patient=patient, conclusion="primary", main_condition="gad", reason="so"
        ),
    ],
)
@pytest.mark.parametrize("role", [Role.THERAPIST, Role.RESEARCHER])
def test_others_enter_nothing(
    asked: tuple[Patient, User], act: Callable[[Patient, User], object], role: Role
) -> None:
    patient, _ = asked
    with pytest.raises(Refused):
        act(patient, a_user(role, site=patient.site))
    assert not PastTreatment.objects.exists()
    assert not ScreenReply.objects.exists()


def test_a_correction_supersedes_and_the_earlier_row_stays(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    first = a_trial(patient, prescriber)
    entered = tried(percent_better=Decimal(70))
    second = operations.correct_treatment(by=prescriber, now=LATER, treatment=first, tried=entered)
    assert [row.pk for row in histories.treatments_of(patient)] == [second.pk]
    first.refresh_from_db()
    assert first.percent_better == Decimal(15)
    with pytest.raises(NotAllowedNow):
        operations.correct_treatment(by=prescriber, now=LATER, treatment=first, tried=entered)
    with pytest.raises(NotFound):
        histories.treatment_of(patient, first.public_id)


def test_a_withdrawal_says_why_and_takes_it_out_of_the_count(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    a_spell(patient, prescriber)
    a_trial(patient, prescriber, treatment="venlafaxine")
    row = a_trial(patient, prescriber)
    assert facts(patient)["resistance-not-shown"] is FactStatus.ABSENT
    with pytest.raises(BadInput):
        operations.withdraw_treatment(by=prescriber, now=LATER, treatment=row, reason=" ")
    gone = operations.withdraw_treatment(by=prescriber, now=LATER, treatment=row, reason="another patient's")
    assert (gone.is_withdrawn, gone.supersedes_id, gone.change_reason) == (True, row.pk, "another patient's")
    assert facts(patient)["resistance-not-shown"] is FactStatus.ACTIVE
    with pytest.raises(NotAllowedNow):
        operations.withdraw_treatment(by=prescriber, now=LATER, treatment=row, reason="again")
    with pytest.raises(NotAllowedNow):
        operations.withdraw_treatment(by=prescriber, now=LATER, treatment=gone, reason="again")


def test_the_spell_is_what_was_said_last(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    a_spell(patient, prescriber)
    a_spell(patient, prescriber, LATER, severity="moderate", is_complete=False)
    found = histories.present_spell(patient)
    assert found is not None
    assert (found.severity, found.is_complete, PresentSpell.objects.count()) == ("moderate", False, 2)
    for wrong in ({"severity": "awful"}, {"since": PartialDate.parse("2030")}):
        with pytest.raises(BadInput):
            a_spell(patient, prescriber, **wrong)


def test_what_goes_on_lasts_until_today(asked: tuple[Patient, User]) -> None:
    patient, _ = asked
    began = PartialDate.of_day(TODAY - timedelta(weeks=7))
    a_trial(patient, weeks=None, began=began, why_ended="ongoing")
    (trial,) = histories.history_of(patient, TODAY).trials
    assert trial.weeks is not None
    assert (trial.weeks.least, trial.weeks.most) == (7, 7)


def test_rows_become_the_values_the_core_judges(asked: tuple[Patient, User]) -> None:
    patient, _ = asked
    a_whole_history(patient)
    a_trial(
        patient, kind=Kind.ECT, treatment="", name="ECT", dose=None, laterality="bilateral", spell="earlier"
    )
    history = histories.history_of(patient, TODAY)
    assert [trial.key for trial in history.trials] == ["sertraline", "venlafaxine", "tried-cbt", "ect"]
    assert (history.trials[3].bilateral, history.trials[0].bilateral) == (True, None)
    assert history.changed_on == TODAY
    assert judge_treatments(history, knowledge_for(patient.site, THEN)).resistance is Resistance.SHOWN
    assert set(facts(patient).values()) == {FactStatus.ABSENT, FactStatus.ACTIVE}  # active: fewer than four


def test_prior_ketamine_is_found(asked: tuple[Patient, User]) -> None:
    patient, _ = asked
    a_trial(patient)
    a_trial(patient, kind="ketamine", treatment="", name="ketamine", dose=None, benefit="good")
    assert [row.benefit for row in histories.prior_ketamine(patient)] == ["good"]


@pytest.mark.parametrize(
    ("screen", "replies", "field"),
    [
        ("no-such", {"a": "yes"}, "screen"),
        ("bipolar-questions", {"diagnosed": "maybe"}, "diagnosed"),
        ("bipolar-questions", {"nothing": "yes"}, "nothing"),
        ("mdq-result", {"total": 14}, "total"),
        ("mdq-result", {"total": True}, "total"),
        ("mdq-result", {"problem": "yes"}, "problem"),
    ],
)
def test_answers_that_a_screen_does_not_have_are_refused(
    asked: tuple[Patient, User], screen: str, replies: dict[str, str | int], field: str
) -> None:
    patient, prescriber = asked
    with pytest.raises(BadInput) as refused:
        operations.record_replies(by=prescriber, now=THEN, patient=patient, screen=screen, replies=replies)
    assert refused.value.field == field
    assert not ScreenReply.objects.exists()


@pytest.mark.parametrize("day", [date(1980, 1, 1), TODAY + timedelta(days=1)])
def test_a_screen_is_asked_in_the_patients_life(asked: tuple[Patient, User], day: date) -> None:
    patient, prescriber = asked
    replies = {"diagnosed": "no"}
    with pytest.raises(BadInput):
        operations.record_replies(
            by=prescriber, now=THEN, patient=patient, screen="bipolar-questions", replies=replies, asked_on=day
        )


def test_a_conclusion_stands_until_a_screen_is_answered_anew(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    ask_screens(patient, prescriber)
    said: dict[str, Any] = {
        "conclusion": "secondary", "main_condition": "depression", "also_present": ["ptsd", "gad"],
        "reason": "cortisone",
    }  # fmt: skip
    kept = operations.conclude(by=prescriber, now=LATER, patient=patient, **said)
    assert (kept.also_present, kept.proposed) == (["gad", "ptsd"], "primary")
    assert facts(patient)["secondary-cause"] is FactStatus.ACTIVE
    again = operations.conclude(
        by=prescriber, now=LATER, patient=patient, **said | {"conclusion": "not-decided"}
    )
    assert again.supersedes == kept
    assert facts(patient)["secondary-cause"] is FactStatus.UNKNOWN
    ask_screens(patient, prescriber, LATER + timedelta(minutes=1))
    assert histories.is_older_than_replies(again)
    assert facts(patient)["secondary-cause"] is FactStatus.ABSENT


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"conclusion": "maybe"}, "conclusion"),
        ({"main_condition": "grief"}, "main_condition"),
        ({"also_present": ["gad"]}, "also_present"),
        ({"also_present": ["grief"]}, "also_present"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_conclusion_that_says_nothing_is_refused(
    asked: tuple[Patient, User], wrong: dict[str, Any], field: str
) -> None:
    patient, prescriber = asked
    said: dict[str, Any] = {"conclusion": "primary", "main_condition": "gad", "reason": "since school"} | wrong
    with pytest.raises(BadInput) as refused:
        operations.conclude(by=prescriber, now=THEN, patient=patient, **said)
    assert refused.value.field == field
    assert not DifferentialDecision.objects.exists()


def test_the_site_chooses_its_definition_in_knowledge(asked: tuple[Patient, User]) -> None:
    patient, prescriber = asked
    director = a_user(Role.MEDICAL_DIRECTOR, site=patient.site)
    a_spell(patient, prescriber)
    for treatment, better in (("sertraline", 40), ("venlafaxine", 40)):
        a_trial(patient, prescriber, treatment=treatment, percent_better=Decimal(better))
    assert facts(patient)["resistance-not-shown"] is FactStatus.ACTIVE  # partial by the European consensus
    sign_off(by=director, now=THEN, record_id="failure-canada-2021", version=1, site=patient.site, adopted=True)
    assert facts(patient)["resistance-not-shown"] is FactStatus.ABSENT
    sign_off(by=director, now=THEN, record_id="failure-delphi-2022", version=1, site=patient.site, adopted=True)
    assert facts(patient)["resistance-not-shown"] is FactStatus.ACTIVE  # both adopted: the strictest counts


def test_another_patients_history_is_not_reached() -> None:
    site = a_site()
    mine, other = a_patient(site), a_patient(site)
    row = a_trial(other, SYSTEM)
    assert not histories.treatments_of(mine)
    with pytest.raises(NotFound):
        histories.treatment_of(mine, row.public_id)
