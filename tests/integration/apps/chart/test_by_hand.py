"""Problems, medicines, allergies and procedures entered by hand, corrected and taken back."""

from datetime import timedelta

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_client, a_user
from tests.factories.assessment import adopt_all_rules, an_episode
from tests.factories.chart import imported
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.access.roles import Role
from openkap.apps.assessment.queries import assessment_of
from openkap.apps.audit.models import Row
from openkap.apps.chart import operations, queries
from openkap.apps.chart.allergies import allergies_shown
from openkap.apps.chart.models import Allergy, ChartFact, Condition, MedicationUse
from openkap.apps.chart.operations import Entry
from openkap.apps.chart.terms import term_named, terms_for
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment import FactStatus
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused

pytestmark = pytest.mark.django_db
TODAY = THEN.date()


@shared
def cared() -> CaredFor:
    return cared_for()


def entry(kind: str, text: str, cared: CaredFor | None = None, **said: str) -> Entry:
    """An entry from the patient's words, coded where the knowledge base has the term."""
    usual = {} if kind == "procedure" else {"status": "active"}
    term = term_named(knowledge_for(cared.site, THEN), kind, text) if cared else None
    return Entry(kind, text, said.pop("source", "patient"), usual | said, term)


def add(cared: CaredFor, kind: str, text: str, **said: str) -> ChartFact:
    given = entry(kind, text, cared, **said)
    return operations.record_fact(by=cared.coordinator, now=THEN, patient=cared.patient, entry=given)


def facts(cared: CaredFor) -> dict[str, FactStatus]:
    return {fact.text: fact.status for fact in queries.facts_for(cared.patient, TODAY) if fact.text}


def test_a_problem_chosen_from_the_terms_is_coded_and_judged(cared: CaredFor) -> None:
    adopt_all_rules(cared.medical_director, cared.site)
    an_episode(cared.patient, cared.prescriber)
    row = add(cared, "problem", "alcoholism", began="2015")
    assert (row.code, row.text) == ("7200002", "alcoholism")
    judged = assessment_of(cared.patient, THEN)
    assert judged is not None
    assert "default-substance-use-disorder" in {f.rule_id for f in judged.open_findings}
    assert Row.objects.get(action="chart.enter").details["kind"] == "Condition"


def test_free_words_are_kept_and_listed_as_not_recognised(cared: CaredFor) -> None:
    an_episode(cared.patient, cared.prescriber)
    row = add(cared, "problem", "a knot in the stomach")
    assert row.code == ""
    judged = assessment_of(cared.patient, THEN)
    assert judged is not None
    assert "a knot in the stomach" in {fact.text for fact in judged.assessment.unrecognised}


@pytest.mark.parametrize(
    ("status", "counts"),
    [("active", FactStatus.ACTIVE), ("resolved", FactStatus.RESOLVED), ("refuted", FactStatus.ABSENT)],
)
def test_the_status_says_how_a_problem_counts(cared: CaredFor, status: str, counts: FactStatus) -> None:
    add(cared, "problem", "Hypertension", status=status)
    assert facts(cared)["Hypertension"] is counts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("100mg", "100 mg"), ("0.5 mg", "0.5 mg"), ("half a tablet", "half a tablet"), ("", "")],
)
def test_a_dose_is_read_where_it_can_be(cared: CaredFor, typed: str, kept: str) -> None:
    row = add(cared, "medicine", "Sertraline", dose=typed, often="once a day", began="2026-01")
    assert isinstance(row, MedicationUse)
    assert row.dosage == ", ".join(part for part in (kept, "once a day") if part)
    assert facts(cared)["Sertraline"] is FactStatus.ACTIVE


def test_a_stopped_medicine_is_over_and_an_unknown_one_is_not_known(cared: CaredFor) -> None:
    add(cared, "medicine", "Tranylcypromine", status="stopped", ended="2020")
    add(cared, "medicine", "Lithium", status="unknown")
    assert facts(cared) == {
        "female": FactStatus.ACTIVE,
        "Tranylcypromine": FactStatus.RESOLVED,
        "Lithium": FactStatus.UNKNOWN,
    }


def test_an_allergy_stands_in_the_header_at_once(cared: CaredFor) -> None:
    add(cared, "allergy", "Ketamine", reaction="hives", severity="high")
    row = Allergy.objects.get()
    assert (row.reactions, row.criticality, row.verification_status) == ("hives", "high", "confirmed")
    assert allergies_shown(cared.patient, THEN).names == ("Ketamine",)


def test_no_known_allergies_is_a_statement_with_date_and_author(cared: CaredFor) -> None:
    assert not allergies_shown(cared.patient, THEN).none_known
    operations.state_no_allergies(by=cared.monitor, now=THEN, patient=cared.patient, source="patient")
    shown = allergies_shown(cared.patient, THEN)
    assert (shown.none_known, shown.stated_on, shown.stated_by) == (True, TODAY, str(cared.monitor))


def test_an_allergy_replaces_the_statement_of_none(cared: CaredFor) -> None:
    operations.state_no_allergies(by=cared.monitor, now=THEN, patient=cared.patient, source="patient")
    add(cared, "allergy", "Penicillin")
    shown = allergies_shown(cared.patient, THEN)
    assert (shown.names, shown.none_known) == (("Penicillin",), False)
    with pytest.raises(NotAllowedNow):
        operations.state_no_allergies(by=cared.monitor, now=THEN, patient=cared.patient, source="patient")
    row = Allergy.objects.get(text="Penicillin")
    operations.withdraw_fact(by=cared.monitor, now=THEN, fact=row, reason="Her sister's.")
    operations.state_no_allergies(by=cared.monitor, now=THEN, patient=cared.patient, source="patient")
    assert allergies_shown(cared.patient, THEN).none_known


def test_a_statement_made_again_stands_once(cared: CaredFor) -> None:
    for days in (0, 30):
        now = THEN + timedelta(days=days)
        operations.state_no_allergies(by=cared.monitor, now=now, patient=cared.patient, source="patient")
    assert queries.allergies_of(cared.patient).count() == 1
    assert Allergy.objects.count() == 2


def test_a_correction_supersedes_and_says_why(cared: CaredFor) -> None:
    first = add(cared, "problem", "Hypertension", began="2015")
    after = entry("problem", "Hypertension", cared, status="resolved", ended="2024-06")
    row = operations.correct_fact(
        by=cared.prescriber, now=THEN, fact=first, entry=after, reason="Normal without tablets since 2024."
    )
    assert [one.pk for one in queries.conditions_of(cared.patient)] == [row.pk]
    assert Condition.objects.count() == 2
    assert queries.corrections_of(cared.patient) == [row]
    with pytest.raises(NotAllowedNow):
        operations.correct_fact(by=cared.prescriber, now=THEN, fact=first, entry=after, reason="again")


def test_codes_stay_while_the_words_do() -> None:
    result = imported(fhir.bundle(fhir.condition(code=fhir.coded("HTN, benign", "38341003"))))
    cared = cared_for(result.patient.site)
    row = queries.conditions_of(result.patient)[0]
    kept = operations.correct_fact(
        by=cared.medical_director,
        now=THEN,
        fact=row,
        entry=entry("problem", "HTN, benign", status="resolved"),
        reason="Normal since 2024.",
    )
    assert kept.code == "38341003"
    other = operations.correct_fact(
        by=cared.medical_director,
        now=THEN,
        fact=kept,
        entry=entry("problem", "White coat effect"),
        reason="It was never hypertension.",
    )
    assert (other.code, other.codings) == ("", [])


def test_what_was_corrected_here_stays_until_its_source_says_something_new() -> None:
    site = cared_for().site
    result = imported(fhir.bundle(fhir.condition()), site)
    director = a_user(Role.MEDICAL_DIRECTOR, site=site)
    row = queries.conditions_of(result.patient)[0]
    over = entry("problem", "Hypertension", status="resolved")
    operations.correct_fact(by=director, now=THEN, fact=row, entry=over, reason="Normal since 2024.")
    again = imported(fhir.bundle(fhir.condition()), site)
    assert (again.created, again.updated) == (0, 0)
    assert [one.clinical_status for one in queries.conditions_of(result.patient)] == ["resolved"]
    newer = imported(fhir.bundle(fhir.condition(onsetDateTime="2016-01-01")), site)
    assert newer.updated == 1
    assert [one.clinical_status for one in queries.conditions_of(result.patient)] == ["active"]


def test_what_was_taken_back_here_does_not_come_back_with_the_same_file() -> None:
    site = cared_for().site
    result = imported(fhir.bundle(fhir.allergy()), site)
    director = a_user(Role.MEDICAL_DIRECTOR, site=site)
    row = queries.allergies_of(result.patient)[0]
    operations.withdraw_fact(by=director, now=THEN, fact=row, reason="Another patient's.")
    assert not queries.allergies_of(result.patient)
    imported(fhir.bundle(fhir.allergy()), site)
    assert not queries.allergies_of(result.patient)
    assert Allergy.objects.count() == 2


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("problem", {"text": "  "}, "text"),
        ("problem", {"text": "x" * 301}, "text"),
        ("problem", {"text": "gout\x00"}, "text"),
        ("problem", {"status": "maybe"}, "status"),
        ("problem", {"began": "1800"}, "began"),
        ("problem", {"began": "2027"}, "began"),
        ("problem", {"began": "soon"}, "began"),
        ("problem", {"began": "2020-13"}, "began"),
        ("problem", {"began": "2020", "ended": "2019", "status": "resolved"}, "ended"),
        ("problem", {"ended": "2020"}, "ended"),
        ("problem", {"source": "rumour"}, "source"),
        ("medicine", {"status": "refuted"}, "status"),
        ("medicine", {"ended": "2020"}, "ended"),
        ("allergy", {"severity": "awful"}, "severity"),
        ("procedure", {"began": "1700"}, "began"),
        ("pet", {}, None),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    cared: CaredFor, kind: str, said: dict[str, str], field: str | None
) -> None:
    given = {"text": "Gout"} | said
    with pytest.raises(BadInput) as refused:
        operations.record_fact(
            by=cared.coordinator,
            now=THEN,
            patient=cared.patient,
            entry=entry(kind, given.pop("text"), None, **given),
        )
    assert refused.value.field == field
    assert not queries.conditions_of(cared.patient)
    assert not Row.objects.filter(action="chart.enter").exists()


def test_an_entry_stays_of_its_kind_and_a_reason_is_given(cared: CaredFor) -> None:
    row = add(cared, "problem", "Gout")
    correct = {"by": cared.prescriber, "now": THEN, "fact": row}
    with pytest.raises(BadInput):
        operations.correct_fact(**correct, entry=entry("allergy", "Gout"), reason="It is one.")  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        operations.correct_fact(**correct, entry=entry("problem", "Gout"), reason=" ")  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        operations.withdraw_fact(**correct, reason="")  # type: ignore[arg-type]
    assert Condition.objects.count() == 1


def test_who_may_not_write_the_chart_enters_nothing(cared: CaredFor) -> None:
    row = add(cared, "problem", "Gout")
    for stranger in (cared.therapist, a_user(Role.PRESCRIBER, site=cared.site)):
        act = {"by": stranger, "now": THEN}
        with pytest.raises(Refused):
            operations.record_fact(**act, patient=cared.patient, entry=entry("problem", "Gout"))  # type: ignore[arg-type]
        with pytest.raises(Refused):
            operations.withdraw_fact(**act, fact=row, reason="not mine")  # type: ignore[arg-type]
        with pytest.raises(Refused):
            operations.state_no_allergies(**act, patient=cared.patient, source="patient")  # type: ignore[arg-type]
    assert Condition.objects.count() == 1


def test_every_kind_has_terms_except_where_no_record_has_codes(cared: CaredFor) -> None:
    known = knowledge_for(cared.site, THEN)
    names = [term.display for term in terms_for(known, "problem")]
    assert "Alcoholism" in names
    assert len(names) == len({name.casefold() for name in names})
    assert "No known allergy" not in {term.display for term in terms_for(known, "allergy")}
    with pytest.raises(NotFound):
        queries.fact_of(cared.patient, "pet", cared.patient.public_id)


# ---- the pages


def where(cared: CaredFor, tail: str = "") -> str:
    return f"/patients/{cared.patient.public_id}/record/{tail}"


def test_from_an_empty_record_to_a_corrected_problem(cared: CaredFor) -> None:
    browser = a_client(cared.monitor)
    page = browser.get(where(cared, "entries/problem/")).content.decode()
    assert '<option value="Alcoholism">' in page
    sent = {"text": "Alcoholism", "status": "active", "began": "2015", "source": "patient"}
    assert browser.post(where(cared, "entries/problem/"), sent).status_code == 302
    row = Condition.objects.get()
    assert "Alcoholism" in browser.get(where(cared)).content.decode()
    address = where(cared, f"entries/problem/{row.public_id}/")
    assert 'value="2015"' in browser.get(address).content.decode()
    again = sent | {"status": "resolved", "reason": "Sober since 2019."}
    assert browser.post(address, again).status_code == 302
    shown = browser.get(where(cared)).content.decode()
    assert "Sober since 2019." in shown
    assert browser.get(address).status_code == 404  # the earlier entry is no longer to be corrected


def test_what_is_wrong_comes_back_at_its_field(cared: CaredFor) -> None:
    browser = a_client(cared.monitor)
    answer = browser.post(
        where(cared, "entries/problem/"),
        {"text": "Gout", "status": "active", "began": "soon", "source": "patient"},
    )
    assert answer.status_code == 400
    assert "is not a date" in answer.content.decode()
    assert not Condition.objects.exists()
    assert browser.get(where(cared, "entries/pet/")).status_code == 404


def test_words_no_rule_knows_are_said_to_be_so(cared: CaredFor) -> None:
    browser = a_client(cared.monitor)
    sent = {"text": "a knot in the stomach", "status": "active", "source": "patient"}
    answer = browser.post(where(cared, "entries/problem/"), sent, follow=True)
    assert "No rule knows this entry" in answer.content.decode()


def test_taking_back_and_stating_none(cared: CaredFor) -> None:
    row = add(cared, "allergy", "Latex")
    browser = a_client(cared.monitor)
    assert "Correct it first" in browser.post(where(cared, "no-allergies/"), follow=True).content.decode()
    taken_back = where(cared, f"entries/allergy/{row.public_id}/withdraw/")
    assert browser.post(taken_back, {"reason": ""}).status_code == 400
    assert browser.post(taken_back, {"reason": "Another patient's."}).status_code == 302
    assert "under your name" in browser.post(where(cared, "no-allergies/"), follow=True).content.decode()
    assert "No known allergies" in browser.get(where(cared)).content.decode()
