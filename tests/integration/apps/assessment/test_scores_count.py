"""Scores entered here reach the rules, one by one and together, with their day; corrected ones don't."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.access import a_user
from tests.factories.assessment import adopt_all_rules, an_episode, answer_all
from tests.factories.measures import a_phq_9, a_total
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.assessment.history_shown import history_shown
from openkap.apps.assessment.judging import Judged, judge, scope
from openkap.apps.assessment.judging_many import judge_many
from openkap.apps.assessment.shown import shown_fact
from openkap.apps.chart.operations import record_answer
from openkap.apps.measures.operations import Entry, correct_response, record_response
from openkap.apps.people.models import Patient
from openkap.apps.people.queries import everyone
from openkap.core.assessment import Finding, Verdict
from openkap.core.assessment.assess import concepts_of, in_scope, notable
from openkap.core.assessment.person import Person

pytestmark = pytest.mark.django_db
IV = ("trd", "ketamine", "iv")
TODAY = THEN.date()
DAY = timedelta(days=1)
# Where no number is known, whether it is over the limit is asked.
ASKED_INSTEAD = {"diazepam-equivalent", "lorazepam-equivalent"}
OF_HISTORY = {  # worked out from the step History
    "resistance-not-shown", "four-trials-not-shown", "anxiety-resistance-not-shown",
    "bipolar-screen-positive", "psychosis-screen-positive", "secondary-cause",
}  # fmt: skip


@shared
def patient() -> Patient:
    """Somebody whom nothing stands against."""
    site = a_site()
    adopt_all_rules(a_user(Role.MEDICAL_DIRECTOR, site=site), site, THEN - 60 * DAY)
    prescriber = a_user(Role.PRESCRIBER, site=site)
    one = a_patient(site, prescriber)
    an_episode(one, prescriber)
    answer_all(one)
    return one


def judged(patient: Patient) -> Judged:
    return judge(patient, scope(*IV, patient), THEN)


def finding(patient: Patient, rule: str) -> Finding | None:
    return next((one for one in judged(patient).assessment.findings if one.rule_id == rule), None)


def test_a_score_acts_and_is_named_with_its_day(patient: Patient) -> None:
    assert judged(patient).verdict is Verdict.CLEAR
    a_total(patient, THEN - 2 * DAY, 6, "asrm")
    found = finding(patient, "asrm-from-6")
    assert found is not None
    assert found.action.value == "hold"
    shown = shown_fact(found.facts[0], judged(patient))
    assert (shown.text, shown.value) == ("ASRM", "6")
    assert shown.recorded == f"{TODAY - 2 * DAY:%-d %b %Y}"  # as people say it
    assert judged(patient).verdict is Verdict.NEEDS


@pytest.mark.parametrize(
    ("instrument", "total", "rule", "met"),
    [
        ("asrm", 5, "asrm-from-6", False),
        ("asrm", 6, "asrm-from-6", True),
        ("bpic-ss", 18, "bladder-score-over-18", False),
        ("bpic-ss", 19, "bladder-score-over-18", True),
        ("phq-9", 15, "veterans-affairs-severity", False),
        ("phq-9", 14, "veterans-affairs-severity", True),
        ("dast-10", 2, "misuse-one-sign", False),
        ("dast-10", 3, "misuse-one-sign", True),
    ],
)
def test_both_sides_of_each_limit(patient: Patient, instrument: str, total: int, rule: str, met: bool) -> None:
    a_total(patient, THEN, total, instrument)
    assert (finding(patient, rule) is not None) is met


@pytest.mark.parametrize(
    ("sex", "total", "met"),
    [("female", 3, True), ("female", 2, False), ("male", 3, False), ("male", 4, True), ("unknown", 3, True)],
)
def test_the_cut_off_for_drinking_goes_by_sex(patient: Patient, sex: str, total: int, met: bool) -> None:
    Patient.objects.filter(pk=patient.pk).update(sex=sex)
    patient.refresh_from_db()
    a_total(patient, THEN, total, "audit-c")
    assert (finding(patient, "misuse-one-sign") is not None) is met


def test_one_negative_form_does_not_take_back_another_positive(patient: Patient) -> None:
    a_total(patient, THEN - DAY, 5, "dast-10")
    a_total(patient, THEN, 0, "audit-c")
    assert finding(patient, "misuse-one-sign") is not None
    a_total(patient, THEN, 0, "dast-10")
    assert finding(patient, "misuse-one-sign") is None


def test_the_newest_counts_and_an_old_one_does_not(patient: Patient) -> None:
    a_total(patient, THEN - 3 * DAY, 12, "asrm")
    a_total(patient, THEN - timedelta(hours=2), 9, "asrm")
    a_total(patient, THEN, 2, "asrm")
    assert finding(patient, "asrm-from-6") is None
    a_total(patient, THEN - 8 * DAY, 20, "bpic-ss")
    assert finding(patient, "bladder-score-over-18") is not None
    later = judge(patient, scope(*IV, patient), THEN, TODAY + 30 * DAY)
    assert not [one for one in later.assessment.findings if one.rule_id == "bladder-score-over-18"]


def test_a_corrected_entry_no_longer_counts(patient: Patient) -> None:
    wrong = a_total(patient, THEN, 16, "asrm")
    assert finding(patient, "asrm-from-6") is not None
    entry = Entry("asrm", THEN, total=1)
    correct_response(by=SYSTEM, now=THEN, response=wrong, entry=entry, reason="A slip: 1, not 16.")
    assert finding(patient, "asrm-from-6") is None


def test_a_score_that_could_not_be_worked_out_is_not_known(patient: Patient) -> None:
    a_phq_9(patient, THEN, "1,SKIP,SKIP,SKIP,1,1,1,1,0")
    found = finding(patient, "veterans-affairs-severity")
    assert found is not None
    assert (found.action.value, found.asks) == ("needs", ("phq-9-total",))


def test_a_mania_rating_is_no_longer_missing_once_taken(patient: Patient) -> None:
    record_answer(by=SYSTEM, now=THEN, patient=patient, concept="bipolar-disorder", reply="present")
    assert finding(patient, "bipolar-mania-rating") is not None
    at, rater = THEN - 14 * DAY, a_user(Role.PRESCRIBER, site=patient.site)
    rated = Entry("ymrs", at, total=4, rater=rater)
    record_response(by=SYSTEM, now=THEN, patient=patient, entry=rated)
    assert finding(patient, "bipolar-mania-rating") is None
    later = judge(patient, scope(*IV, patient), THEN, TODAY + DAY)
    assert [one for one in later.assessment.findings if one.rule_id == "bipolar-mania-rating"]


def test_the_total_of_a_licensed_form_answers_its_screen(patient: Patient) -> None:
    a_total(patient, THEN, 9, "mdq")
    shown = {one.id: one for one in history_shown(patient, THEN).screens}["mdq-result"]
    assert shown.asked_on == TODAY


def test_together_as_alone_in_as_many_queries() -> None:
    site, raised = a_site(), []
    for n in range(2):
        one = a_patient(site, given_name=f"Ada {n}")
        raised.append(one.pk)
        a_total(one, THEN, 7 + n, "asrm")
        a_total(one, THEN, 8, "mdq")
    with CaptureQueriesContext(connection) as two:
        together = {one.pk: of.assessment for one, of in judge_many(everyone(), IV, THEN)}
    for key, assessment in together.items():
        assert assessment == judged(Patient.objects.get(pk=key)).assessment
    assert all("asrm-from-6" in {one.rule_id for one in together[pk].findings} for pk in raised)
    for n in range(3):
        a_total(a_patient(site, given_name=f"Bea {n}"), THEN, 12, "asrm")
    with CaptureQueriesContext(connection) as five:
        list(judge_many(everyone(), IV, THEN))
    assert len(five) == len(two)


def test_everything_a_rule_waits_for_has_a_place_where_it_is_entered(patient: Patient) -> None:
    """Of each treatment: a step, a form, a questionnaire, a value, or what a chart holds."""
    known = judged(patient).knowledge
    for rule in known.rules.values():
        for drug, route in (("ketamine", "iv"), ("esketamine", "in"), ("ketamine", "po")):
            indication = (rule.scope.indications or ("trd",))[0]
            wanted = scope(indication, drug, route, patient)
            signs = notable(known, wanted)
            for concept in concepts_of(rule.when):
                if in_scope(rule, wanted, Person({}, TODAY)) is False:
                    continue
                kept = known.concept_maps[concept]
                from_chart = kept.codes or kept.words
                from_scores = kept.totals_of or kept.positive_by
                elsewhere = concept in OF_HISTORY | ASKED_INSTEAD
                assert concept in signs or from_chart or from_scores or elsewhere, concept
