"""Indications, findings from imported charts, overrides, decisions."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.assessment import adopt_all_rules, an_episode, answer_all
from tests.factories.chart import imported
from tests.factories.people import SYSTEM, a_patient
from tests.factories.sites import THEN, a_site

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment import operations, queries
from openkap.apps.assessment.judging import Judged
from openkap.apps.assessment.models import Episode, EpisodeChange, Override, SignedAssessment
from openkap.apps.audit.models import Row
from openkap.apps.chart.operations import record_answer
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team, change_details, details_of
from openkap.core.assessment import FactStatus, FindingAction, Verdict
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
TODAY = THEN.date()


@dataclass(frozen=True)
class Asked:
    """A patient for whom ketamine is asked, at a site whose director has decided on every rule."""

    patient: Patient
    prescriber: User
    director: User
    episode: Episode


def asked_for(raw: bytes, **treatment: str) -> Asked:
    site = a_site()
    prescriber, director = a_user(Role.PRESCRIBER, site=site), a_user(Role.MEDICAL_DIRECTOR, site=site)
    adopt_all_rules(director, site, THEN - timedelta(days=1))
    patient = imported(raw, site).patient
    add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=prescriber)
    return Asked(patient, prescriber, director, an_episode(patient, prescriber, **treatment))


def judged(asked: Asked) -> Judged:
    found = queries.assessment_of(asked.patient, THEN)
    assert found is not None
    return found


def test_setting_the_indication_begins_an_episode() -> None:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = a_patient(site, prescriber)
    assert queries.current_episode(patient) is None
    assert queries.assessment_of(patient, THEN) is None
    episode = an_episode(patient, prescriber, specific_fears=" heights ")
    assert queries.current_episode(patient) == episode
    assert (episode.began_on, episode.prescriber, episode.specific_fears) == (TODAY, prescriber, "heights")
    assert (patient.stage, patient.indication) == ("assessment", "trd")
    assert queries.episode_of(patient, episode.public_id) == episode
    with pytest.raises(NotFound):
        queries.episode_of(a_patient(site), episode.public_id)


def test_another_route_changes_the_episode_and_keeps_what_was() -> None:
    asked = asked_for(fhir.bundle())
    changed = an_episode(asked.patient, asked.prescriber, route="im")
    assert changed == asked.episode
    assert EpisodeChange.objects.get().before["route"] == "iv"
    an_episode(asked.patient, asked.prescriber, route="im")
    assert EpisodeChange.objects.count() == 1


def test_another_indication_begins_another_episode() -> None:
    asked = asked_for(fhir.bundle())
    new = an_episode(asked.patient, asked.prescriber, indication="gad")
    asked.episode.refresh_from_db()
    assert (asked.episode.ended_on, queries.current_episode(asked.patient)) == (TODAY, new)
    assert asked.patient.indication == "gad"
    assert [one.indication for one in queries.episodes_of(asked.patient)] == ["gad", "trd"]


@pytest.mark.parametrize(
    "wrong",
    [{"indication": "bipolar"}, {"drug": "esk"}, {"route": "iv "}, {"route": "in"}, {"drug": "", "route": ""}],
)
def test_what_cannot_be_asked_for_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        an_episode(a_patient(), SYSTEM, **wrong)  # type: ignore[arg-type]  # the system acts too
    assert not Episode.objects.exists()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.THERAPIST, Role.COORDINATOR])
def test_others_set_no_indication(role: Role) -> None:
    site = a_site()
    user = a_user(role, site=site)
    with pytest.raises(Refused):
        an_episode(a_patient(site, user), user)


def test_nobody_is_treated_after_death() -> None:
    asked = asked_for(fhir.bundle())
    died = details_of(asked.patient)
    change_details(
        by=SYSTEM, now=THEN, patient=asked.patient, details=type(died)(**vars(died) | {"is_deceased": True})
    )
    with pytest.raises(NotAllowedNow):
        an_episode(asked.patient, asked.prescriber, route="im")


def test_an_episode_ends_once_and_with_a_reason() -> None:
    asked = asked_for(fhir.bundle())
    with pytest.raises(BadInput):
        operations.end_episode(by=asked.prescriber, now=THEN, episode=asked.episode, reason=" ")
    operations.end_episode(by=asked.prescriber, now=THEN, episode=asked.episode, reason="moved away")
    assert queries.current_episode(asked.patient) is None
    asked.patient.refresh_from_db()
    assert (asked.patient.stage, asked.patient.indication) == ("ended", "")
    with pytest.raises(NotAllowedNow):
        operations.end_episode(by=asked.prescriber, now=THEN, episode=asked.episode, reason="again")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("edward-gulgowski", "Hypertension"),
        ("margery-gibson", "Stroke"),
        ("rudy-macejkovic", "Myocardial Infarction"),
        ("louie-jast", "hypothyroidism"),
        ("trey-leffler", "Alcoholism"),
        ("virginia-mercado", "Opioid abuse"),
    ],
)
def test_imported_conditions_are_found_with_their_source(name: str, words: str) -> None:
    found = [
        finding
        for finding in judged(asked_for(fhir.synthea(name))).assessment.findings
        if any(words in fact.text and fact.status is FactStatus.ACTIVE for fact in finding.facts)
    ]
    assert found
    assert all(finding.sources[0].citation and finding.sources[0].locator for finding in found)


@pytest.mark.parametrize(("status", "counts"), [("active", True), ("resolved", False)])
@pytest.mark.parametrize(
    ("text", "code"), [("Seizure disorder", "128613002"), ("Cystitis", "38822007"), ("Pregnant", "77386006")]
)
def test_a_resolved_condition_is_not_an_active_one(text: str, code: str, status: str, counts: bool) -> None:
    entry = fhir.condition(
        code=fhir.coded(text, code), clinicalStatus=fhir.status(status), onsetDateTime="2026-07-01"
    )
    found = judged(asked_for(fhir.bundle(entry))).assessment.findings
    facts = [fact for finding in found for fact in finding.facts if fact.text == text]
    assert any(fact.status is FactStatus.ACTIVE for fact in facts) is counts


def test_the_resolved_pregnancy_of_a_real_chart_blocks_nothing() -> None:
    asked = asked_for(fhir.synthea("laurie-mccullough"))
    blocking = {f.rule_id for f in judged(asked).assessment.findings if f.action is FindingAction.BLOCK}
    assert "ketamine-default-pregnancy" not in blocking


def test_what_no_rule_knows_is_listed() -> None:
    asked = asked_for(fhir.bundle(fhir.condition(code=fhir.coded("Tennis elbow", "202855006"))))
    assert [fact.text for fact in judged(asked).assessment.unrecognised] == ["Tennis elbow"]


def test_an_unknown_fact_is_never_a_pass_and_answers_settle_it() -> None:
    asked = asked_for(fhir.bundle())
    assert judged(asked).verdict is Verdict.NEEDS
    with pytest.raises(NotAllowedNow):
        operations.sign_assessment(by=asked.prescriber, now=THEN, episode=asked.episode, decision="treat")
    answer_all(asked.patient)
    assert judged(asked).verdict is Verdict.CLEAR
    signed = operations.sign_assessment(by=asked.prescriber, now=THEN, episode=asked.episode, decision="treat")
    assert queries.latest_decision(asked.episode) == signed
    assert (signed.verdict, signed.drug, signed.route, signed.on) == ("clear", "ketamine", "iv", TODAY)
    assert signed.facts_digest == judged(asked).facts_digest
    known = judged(asked).knowledge
    assert {rule["rule_id"] for rule in signed.judged_by} == {*known.rules, *known.clearance_items}
    assert all(rule["rule_version"] >= 1 for rule in signed.judged_by)
    record_answer(by=SYSTEM, now=THEN, patient=asked.patient, concept="stroke", reply="present")
    assert signed.facts_digest != judged(asked).facts_digest


def test_an_undecided_rule_waits_for_the_site() -> None:
    site = a_site()
    prescriber = a_user(Role.PRESCRIBER, site=site)
    patient = imported(fhir.bundle(fhir.condition(code=fhir.coded("Pregnant", "77386006"))), site).patient
    add_to_care_team(by=SYSTEM, now=THEN, patient=patient, user=prescriber)
    episode = an_episode(patient, prescriber)
    found = queries.assessment_of(patient, THEN)
    assert found is not None
    (finding,) = [f for f in found.open_findings if f.rule_id == "ketamine-default-pregnancy"]
    assert finding.action is FindingAction.NEEDS
    with pytest.raises((NotAllowedNow, Refused)):
        operations.override_finding(
            by=prescriber, now=THEN, episode=episode, rule_id=finding.rule_id, reason="because of this"
        )


def test_waiting_and_declining_need_a_reason() -> None:
    asked = asked_for(fhir.bundle())
    for decision, reason in (("wait", " "), ("decline", ""), ("perhaps", "x")):
        with pytest.raises(BadInput):
            operations.sign_assessment(
                by=asked.prescriber, now=THEN, episode=asked.episode, decision=decision, reason=reason
            )
    operations.sign_assessment(
        by=asked.prescriber, now=THEN, episode=asked.episode, decision="wait", reason="blood tests"
    )
    assert SignedAssessment.objects.get().reason == "blood tests"
    assert "blood tests" not in str(list(Row.objects.values()))


ALCOHOL = fhir.condition(code=fhir.coded("Alcoholism", "7200002"))
HOLD = "default-substance-use-disorder"


def override(
    asked: Asked, by: User, rule: str = HOLD, reason: str = "abstinent for a year", **more: date
) -> Override:
    return operations.override_finding(
        by=by, now=THEN, episode=asked.episode, rule_id=rule, reason=reason, **more
    )


def held(asked: Asked) -> bool:
    return HOLD in {finding.rule_id for finding in judged(asked).open_findings}


def test_a_hold_is_set_aside_in_a_role_for_a_time_and_shown_ever_after() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    finding = next(f for f in judged(asked).assessment.findings if f.rule_id == HOLD)
    made = override(asked, asked.prescriber)
    assert (made.role, made.rule_version) == ("prescriber", finding.rule_version)
    assert made.expires_on == TODAY + timedelta(days=finding.override_days or 0)
    assert not held(asked)
    assert [one.rule_id for one, _ in judged(asked).set_aside] == [HOLD]
    assert HOLD in {one.rule_id for one in judged(asked).assessment.findings}
    assert list(queries.overrides_of(asked.patient)) == [made]
    assert "abstinent" not in str(list(Row.objects.values()))


def test_an_override_ends_when_taken_back() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    made = override(asked, asked.prescriber)
    operations.end_override(by=asked.prescriber, now=THEN, override=made)
    operations.end_override(by=asked.prescriber, now=THEN + timedelta(days=1), override=made)
    assert held(asked)
    assert queries.override_of(asked.patient, made.public_id).ended_at == THEN


def test_an_override_ends_when_it_expires() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    override(asked, asked.prescriber, expires_on=TODAY)
    assert not held(asked)
    tomorrow = queries.assessment_of(asked.patient, THEN + timedelta(days=1))
    assert tomorrow is not None
    assert HOLD in {finding.rule_id for finding in tomorrow.open_findings}


def test_an_override_ends_when_its_facts_change() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    override(asked, asked.prescriber)
    imported(fhir.bundle(ALCOHOL | {"onsetDateTime": "2026-08-30"}), asked.patient.site)
    assert held(asked)


def test_an_override_ends_with_its_episode() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    override(asked, asked.prescriber)
    an_episode(asked.patient, asked.prescriber, indication="gad")
    assert held(asked)
    asked.episode.refresh_from_db()
    with pytest.raises(NotAllowedNow):
        override(asked, asked.prescriber)


def test_a_contraindication_of_a_label_is_never_set_aside() -> None:
    asked = asked_for(fhir.bundle(fhir.condition(code=fhir.coded("Stroke", "230690007"))))
    finding = next(f for f in judged(asked).open_findings if f.action is FindingAction.BLOCK)
    assert not finding.overridable
    for user in (asked.prescriber, asked.director):
        with pytest.raises(Refused, match="Nobody may"):
            override(asked, user, finding.rule_id)
    assert not Override.objects.exists()


@pytest.mark.parametrize("reason", ["", "ok", " " * 30])
def test_an_override_needs_a_reason_others_can_weigh(reason: str) -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    with pytest.raises(BadInput):
        override(asked, asked.prescriber, reason=reason)


def test_an_override_does_not_outlast_what_its_rule_allows() -> None:
    asked = asked_for(fhir.bundle(ALCOHOL))
    for wrong in (TODAY - timedelta(days=1), TODAY + timedelta(days=4000)):
        with pytest.raises(BadInput):
            override(asked, asked.prescriber, expires_on=wrong)


def test_what_is_not_there_is_not_set_aside() -> None:
    asked = asked_for(fhir.bundle())
    with pytest.raises(NotAllowedNow):
        override(asked, asked.prescriber, "no-such-rule")
