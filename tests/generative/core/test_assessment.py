"""What holds for any facts: order does not matter, a contraindication never helps, unknown never passes."""

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.factories.facts import entry

from openkap import knowledge
from openkap.core.assessment import Fact, FactStatus, Scope, Verdict, assess, birth_date, clearance_fact, sex
from openkap.knowledge import SignOff
from openkap.units import Drug, Route

TODAY = date(2026, 11, 21)
UNSIGNED = knowledge.load(TODAY)
ADOPTED = knowledge.load(
    TODAY, [SignOff(r.id, r.version, adopted=True, decided_on=TODAY) for r in UNSIGNED.rules.values()]
)
RANK = {Verdict.CLEAR: 0, Verdict.NEEDS: 1, Verdict.BLOCKED: 2}
# These say that something is under control, so adding one may well help.
REASSURING = {
    "abstinent-one-year", "acute-setting-agreed", "glaucoma-treated", "hypertension-controlled",
    "hyperthyroidism-controlled", "mood-cover-therapeutic", "mood-stabiliser-or-antipsychotic",
    "psychotherapy-tried",
}  # fmt: skip
PRESSURES = ("systolic-pressure", "diastolic-pressure")
CONCEPTS = sorted(set(UNSIGNED.concept_maps) - set(PRESSURES))

known_sets = st.sampled_from([UNSIGNED, ADOPTED])
scopes = st.builds(
    Scope, st.sampled_from(["trd", "gad"]), st.sampled_from(list(Drug)), st.sampled_from(list(Route))
)
onsets = st.one_of(st.none(), st.sampled_from(["2010", "2025-11", "2026", "2026-11-01", "2019-02-03"]))
days = st.one_of(st.none(), st.sampled_from([date(2026, 11, 21), date(2026, 11, 1), date(2020, 1, 1)]))


@st.composite
def chart_entries(draw: st.DrawFn, concepts: list[str] = CONCEPTS) -> Fact:
    return entry(
        UNSIGNED,
        draw(st.sampled_from(concepts)),
        draw(st.sampled_from(FactStatus)),
        onset=draw(onsets),
        recorded=draw(days),
    )


readings = st.builds(
    lambda concept, mmhg, day: entry(UNSIGNED, concept, value=f"{mmhg} mm[Hg]", recorded=day),
    st.sampled_from(PRESSURES),
    st.integers(60, 200),
    st.sampled_from([TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=9)]),
)
clearances = st.builds(
    clearance_fact, st.sampled_from(sorted(UNSIGNED.clearance_items)), st.sampled_from(FactStatus)
)
people = st.tuples(
    st.sampled_from([[], [birth_date(date(1980, 1, 1))], [birth_date(date(2010, 1, 1))]]),
    st.sampled_from([[], [sex("female")], [sex("male")], [sex("unknown")]]),
    st.lists(chart_entries(), max_size=8),
    st.lists(readings, max_size=5),
    st.lists(clearances, max_size=3),
).map(lambda parts: [fact for part in parts for fact in part])


@given(people, known_sets, scopes, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(
    facts: list[Fact], known: knowledge.KnowledgeSet, scope: Scope, random: Random
) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert assess(shuffled, known, scope, TODAY) == assess(facts, known, scope, TODAY)


@given(people, known_sets, scopes, chart_entries(sorted(set(CONCEPTS) - REASSURING)))
def test_a_contraindication_never_improves_the_verdict(
    facts: list[Fact], known: knowledge.KnowledgeSet, scope: Scope, one: Fact
) -> None:
    if one.status is not FactStatus.ACTIVE or one.kind == "answer":
        return
    before, after = assess(facts, known, scope, TODAY), assess([*facts, one], known, scope, TODAY)
    assert RANK[after.verdict] >= RANK[before.verdict]


@given(people, known_sets, scopes)
def test_what_is_not_known_never_passes(facts: list[Fact], known: knowledge.KnowledgeSet, scope: Scope) -> None:
    result = assess(facts, known, scope, TODAY)
    unknown = [ref for ref in result.evaluated if ref.outcome == "not known"]
    assert not unknown or result.verdict is not Verdict.CLEAR


@given(people, known_sets, scopes, st.sampled_from(PRESSURES), st.integers(181, 240))
def test_a_dangerous_pressure_today_never_improves_the_verdict(
    facts: list[Fact], known: knowledge.KnowledgeSet, scope: Scope, concept: str, mmhg: int
) -> None:
    high = entry(UNSIGNED, concept, value=f"{mmhg} mm[Hg]", recorded=TODAY)
    taken_before = [fact for fact in facts if fact.recorded is not None and fact.recorded <= TODAY]
    if not any(fact.value is not None for fact in taken_before):
        return  # the first reading answers what was asked
    before, after = assess(facts, known, scope, TODAY), assess([*facts, high], known, scope, TODAY)
    assert after.verdict is not Verdict.CLEAR
    assert known is UNSIGNED or after.verdict is Verdict.BLOCKED
    assert RANK[after.verdict] >= RANK[before.verdict]


@given(people, scopes)
def test_signing_off_never_hides_a_restriction(facts: list[Fact], scope: Scope) -> None:
    before, after = assess(facts, UNSIGNED, scope, TODAY), assess(facts, ADOPTED, scope, TODAY)
    blocked = {finding.rule_id for finding in before.findings if finding.action == "block"}
    assert blocked <= {finding.rule_id for finding in after.findings if finding.action == "block"}


@given(people, known_sets, scopes)
def test_every_rule_is_accounted_for(facts: list[Fact], known: knowledge.KnowledgeSet, scope: Scope) -> None:
    result = assess(facts, known, scope, TODAY)
    listed = [ref.rule_id for ref in (*result.evaluated, *result.inactive, *result.inapplicable)]
    assert sorted(listed) == sorted(known.rules)
    assert {finding.rule_id for finding in result.findings} <= {ref.rule_id for ref in result.evaluated}
