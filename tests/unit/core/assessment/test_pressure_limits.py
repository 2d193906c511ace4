"""What authorities say of blood pressure, side by side."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment import Scope, birth_date, sex
from openkap.core.assessment.pressure_limits import PressureLimit, pressure_limits
from openkap.knowledge import SignOff
from openkap.units import Drug, Route

TODAY = date(2026, 11, 21)
KNOWN = knowledge.load(TODAY)
BORN = {"at 46": date(1980, 1, 1), "at 66": date(1960, 1, 1)}


def limits(
    drug: Drug, route: Route, born: date | None, known: knowledge.KnowledgeSet = KNOWN
) -> dict[str, PressureLimit]:
    facts = [sex("female"), *([birth_date(born)] if born else [])]
    age = TODAY.year - born.year if born else None
    return {one.record_id: one for one in pressure_limits(facts, known, Scope("trd", drug, route), age)}


def test_the_swiss_label_blocks_ketamine_above_180_over_100() -> None:
    found = limits(Drug.KETAMINE, Route.IV, BORN["at 46"])["ketamine-swiss-label-resting-pressure"]
    assert (found.systolic, found.diastolic, found.action, found.acts) == (180, 100, "block", True)
    assert found.concerns


@pytest.mark.parametrize(
    ("who", "mine", "other"), [("at 46", "to-65", "over-65"), ("at 66", "over-65", "to-65")]
)
def test_the_trials_limit_follows_the_age_and_the_other_is_shown_as_not_meant(
    who: str, mine: str, other: str
) -> None:
    found = limits(Drug.ESKETAMINE, Route.IN, BORN[who])
    assert found[f"esketamine-trials-pressure-{mine}"].concerns is True
    assert found[f"esketamine-trials-pressure-{other}"].concerns is False


def test_an_unknown_age_leaves_it_open() -> None:
    found = limits(Drug.ESKETAMINE, Route.IN, None)
    assert found["esketamine-trials-pressure-over-65"].concerns is None


@pytest.mark.parametrize(("who", "systolic"), [("at 46", 140), ("at 66", 150)])
def test_the_gate_before_each_dose_stands_beside_the_rules(who: str, systolic: int) -> None:
    found = limits(Drug.KETAMINE, Route.IV, BORN[who])["gate-pressure-hold"]
    assert (found.systolic, found.diastolic, found.before_each_dose) == (systolic, 90, True)


@pytest.mark.parametrize(("drug", "route"), [(Drug.KETAMINE, Route.IM), (Drug.ESKETAMINE, Route.IN)])
def test_above_180_over_100_no_prescriber_alone_gives_a_dose(drug: Drug, route: Route) -> None:
    """For esketamine no label says so; the default of both drugs does."""
    barred = [
        (one.systolic, one.diastolic)
        for one in limits(drug, route, BORN["at 46"]).values()
        if one.before_each_dose and one.action == "block"
    ]
    assert barred == [(180, 100)]


def test_another_drugs_limits_are_not_blended_in() -> None:
    assert not [
        name for name in limits(Drug.KETAMINE, Route.IV, BORN["at 46"]) if name.startswith("esketamine")
    ]
    assert "ketamine-swiss-label-resting-pressure" not in limits(Drug.ESKETAMINE, Route.IN, BORN["at 46"])


def test_a_trials_exclusion_warns_until_it_is_adopted() -> None:
    name = "esketamine-trials-pressure-to-65"
    assert limits(Drug.ESKETAMINE, Route.IN, BORN["at 46"])[name].action == "warn"
    adopted = knowledge.load(TODAY, [SignOff(name, KNOWN.rules[name].version, adopted=True, decided_on=TODAY)])
    assert limits(Drug.ESKETAMINE, Route.IN, BORN["at 46"], adopted)[name].action == "hold"


def test_those_about_this_person_come_first_low_to_high() -> None:
    facts = [birth_date(BORN["at 46"]), sex("female")]
    found = pressure_limits(facts, KNOWN, Scope("trd", Drug.ESKETAMINE, Route.IN), 46)
    reach = [one.concerns is False for one in found]
    assert reach == sorted(reach)
    mine = [one.systolic for one in found if one.concerns and one.systolic]
    assert mine == sorted(mine)
