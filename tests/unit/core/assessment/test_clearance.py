"""Medical clearance: each state on both sides of its boundary."""

from datetime import date, timedelta

import pytest

from openkap import knowledge
from openkap.core.assessment import Code, Fact, FactKind, FactStatus, Scope, Verdict, assess, birth_date, sex
from openkap.core.assessment.clearance import (
    ClearanceState,
    Decision,
    ItemState,
    Kept,
    Reading,
    Reason,
    Result,
    Waiver,
    clearance,
    clearance_facts,
    clearance_findings,
    with_findings,
)
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.knowledge.schema.concept_map import CodeSystem
from openkap.units import Drug, Quantity, Route
from openkap.units.partial_dates import PartialDate

TODAY = date(2026, 11, 21)
KNOWN = knowledge.load(TODAY)
ITEMS = KNOWN.clearance_items
SCOPE = Scope("trd", Drug.KETAMINE, Route.IV)
WOMAN = (birth_date(date(1984, 3, 12)), sex("female"))
LIVER = ("1742-6", "6768-6", "2324-2")
DAY = timedelta(days=1)


def states(
    *facts: Fact,
    results: tuple[Result, ...] = (),
    waivers: tuple[Waiver, ...] = (),
    on: date = TODAY,
    known: KnowledgeSet = KNOWN,
    who: tuple[Fact, ...] = WOMAN,
) -> dict[str, ItemState]:
    found = clearance((*who, *facts), Kept(results, waivers), known, SCOPE, on)
    return {one.item.id: one for one in found}


def value(loinc: str, day: date, number: str | None = "30", unit: str = "U/L") -> Fact:
    return Fact(
        FactKind.OBSERVATION,
        codes=(Code(CodeSystem.LOINC, loinc),),
        recorded=day,
        value=Quantity.of(number, unit) if number else None,
        source_ref=f"{loinc}/{day}/{number}",
    )


def pressures(day: date, *systolic: str) -> tuple[Fact, ...]:
    return tuple(
        value(code, day, number, "mm[Hg]")
        for n, upper in enumerate(systolic)
        for code, number in (("8480-6", upper), ("8462-4", str(70 + n)))
    )


def read(item: str, day: date, reading: Reading = Reading.NORMAL, decision: Decision | None = None) -> Result:
    return Result(item, day, reading, decision, ref=f"{day}")


def test_nothing_recorded_is_missing_and_never_passes() -> None:
    found = states()
    assert {one.state for one in found.values()} == {ClearanceState.MISSING, ClearanceState.NOT_NEEDED}
    needs = clearance_findings(found.values())
    assert {finding.rule_id for finding in needs} == {i for i, one in found.items() if not one.counts}


@pytest.mark.parametrize("item", sorted(i for i, r in ITEMS.items() if r.needs_reading and not r.only_with))
def test_a_result_counts_to_its_last_day_and_not_beyond(item: str) -> None:
    record = ITEMS[item]
    done = TODAY - record.valid_days * DAY
    last = states(results=(read(item, done),))[item]
    assert last.state is ClearanceState.EXPIRING
    assert last.valid_until == TODAY
    assert states(results=(read(item, done - DAY),))[item].state is ClearanceState.EXPIRED


def test_it_is_to_be_renewed_the_set_days_before_its_end() -> None:
    record = ITEMS["clearance-ecg"]
    first_renewal = TODAY - (record.valid_days - record.expiring_days + 1) * DAY
    assert states(results=(read(record.id, first_renewal),))[record.id].state is ClearanceState.EXPIRING
    assert states(results=(read(record.id, first_renewal + DAY),))[record.id].state is ClearanceState.VALID


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (None, ClearanceState.ABNORMAL),
        (Decision.HOLD, ClearanceState.HELD),
        (Decision.REFER, ClearanceState.REFERRED),
        (Decision.ACCEPT, ClearanceState.VALID),
    ],
)
def test_an_abnormal_result_needs_a_decision(decision: Decision | None, state: ClearanceState) -> None:
    found = states(results=(read("clearance-ecg", TODAY, Reading.ABNORMAL, decision),))["clearance-ecg"]
    assert found.state is state
    assert found.counts is (decision is Decision.ACCEPT)


def test_an_accepted_abnormal_result_expires_like_another() -> None:
    old = read("clearance-ecg", TODAY - 400 * DAY, Reading.ABNORMAL, Decision.ACCEPT)
    assert states(results=(old,))["clearance-ecg"].state is ClearanceState.EXPIRED


def test_imported_values_show_that_it_was_done_and_wait_to_be_read() -> None:
    labs = [value(code, TODAY - 3 * DAY) for code in LIVER]
    assert states(*labs)["clearance-liver"].state is ClearanceState.UNREAD
    assert states(*labs, results=(read("clearance-liver", TODAY - 3 * DAY),))["clearance-liver"].counts


def test_a_panel_with_a_part_missing_says_which() -> None:
    found = states(*[value(code, TODAY) for code in LIVER[:2]])["clearance-liver"]
    assert found.state is ClearanceState.MISSING
    assert [part.id for part in found.missing] == ["ggt"]


def test_a_value_newer_than_the_reading_has_to_be_read_too() -> None:
    reading = read("clearance-liver", TODAY - 10 * DAY)
    found = states(value("1742-6", TODAY - 2 * DAY), results=(reading,))["clearance-liver"]
    assert found.state is ClearanceState.UNREAD
    assert states(value("1742-6", TODAY - 10 * DAY), results=(reading,))["clearance-liver"].counts


def test_old_values_have_expired_whether_read_or_not() -> None:
    labs = [value(code, TODAY - 91 * DAY) for code in LIVER]
    assert states(*labs)["clearance-liver"].state is ClearanceState.EXPIRED


def test_blood_pressure_is_a_series_on_one_day() -> None:
    two = pressures(TODAY, "120", "121")
    assert states(*two)["clearance-blood-pressure"].state is ClearanceState.MISSING
    assert states(*two)["clearance-blood-pressure"].readings == 2
    spread = two + pressures(TODAY - DAY, "122")
    assert states(*spread)["clearance-blood-pressure"].state is ClearanceState.MISSING
    assert states(*pressures(TODAY, "120", "121", "122"))["clearance-blood-pressure"].counts


def test_a_single_later_reading_does_not_undo_a_series() -> None:
    facts = pressures(TODAY - 5 * DAY, "120", "121", "122") + pressures(TODAY, "125")
    found = states(*facts)["clearance-blood-pressure"]
    assert found.counts
    assert found.done_on == TODAY - 5 * DAY


def test_a_value_without_a_usable_unit_is_no_weight() -> None:
    facts = (value("29463-7", TODAY, None), value("8302-2", TODAY, "170", "cm"))
    assert [p.id for p in states(*facts)["clearance-weight-height"].missing] == ["weight"]


def test_a_height_outlasts_a_weight() -> None:
    height = value("8302-2", TODAY - 1000 * DAY, "170", "cm")
    fresh = states(height, value("29463-7", TODAY, "70", "kg"))["clearance-weight-height"]
    assert fresh.state is ClearanceState.VALID
    stale = states(height, value("29463-7", TODAY - 91 * DAY, "70", "kg"))["clearance-weight-height"]
    assert stale.state is ClearanceState.EXPIRED


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ((birth_date(date(1984, 3, 12)), sex("male")), Reason.SEX),
        ((birth_date(date(1970, 11, 21)), sex("female")), Reason.AGE),
        ((birth_date(date(1970, 11, 22)), sex("female")), None),
        ((birth_date(date(1984, 3, 12)), sex("unknown")), None),
        ((sex("female"),), None),
        ((birth_date(date(1984, 3, 12)),), None),
    ],
    ids=["man", "56 today", "56 tomorrow", "sex unknown", "age unknown", "sex not recorded"],
)
def test_who_is_asked_for_a_pregnancy_test(who: tuple[Fact, ...], reason: Reason | None) -> None:
    found = states(who=who)["clearance-pregnancy"]
    assert found.reason is reason
    assert found.counts is (reason is not None)


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (FactStatus.ACTIVE, True),
        (FactStatus.RESOLVED, True),
        (FactStatus.UNKNOWN, True),
        (FactStatus.ABSENT, False),
    ],
)
def test_a_cardiologist_is_asked_where_there_is_heart_disease(status: FactStatus, *, asked: bool) -> None:
    heart = Fact(FactKind.CONDITION, "Coronary Heart Disease", (Code(CodeSystem.SNOMED, "53741008"),), status)
    assert (states(heart)["clearance-cardiology"].state is ClearanceState.MISSING) is asked
    assert states()["clearance-cardiology"].reason is Reason.CONDITION


def test_what_the_director_declined_is_not_asked_for() -> None:
    known = knowledge.load(TODAY, [SignOff("clearance-airway", 1, adopted=False, decided_on=TODAY)])
    assert states(known=known)["clearance-airway"].reason is Reason.DECLINED
    assert states()["clearance-airway"].state is ClearanceState.MISSING


def test_a_waiver_holds_to_its_last_day_for_its_version_only() -> None:
    item = ITEMS["clearance-airway"]
    assert states(waivers=(Waiver(item.id, item.version, TODAY),))[item.id].state is ClearanceState.WAIVED
    assert not states(waivers=(Waiver(item.id, item.version, TODAY - DAY),))[item.id].counts
    assert not states(waivers=(Waiver(item.id, item.version + 1, TODAY),))[item.id].counts


def test_a_waiver_does_not_hide_a_valid_result() -> None:
    item = ITEMS["clearance-ecg"]
    found = states(results=(read(item.id, TODAY),), waivers=(Waiver(item.id, item.version, TODAY),))
    assert found[item.id].state is ClearanceState.VALID


def test_the_newest_result_decides_and_one_ahead_does_not_count() -> None:
    bad = read("clearance-ecg", TODAY - 9 * DAY, Reading.ABNORMAL)
    good = read("clearance-ecg", TODAY - DAY)
    assert states(results=(good, bad))["clearance-ecg"].state is ClearanceState.VALID
    assert (
        states(results=(read("clearance-ecg", TODAY + DAY),))["clearance-ecg"].state is ClearanceState.MISSING
    )


def test_rules_hear_of_each_state() -> None:
    results = (
        read("clearance-ecg", TODAY),
        read("clearance-urine", TODAY - 400 * DAY),
        read("clearance-airway", TODAY, Reading.ABNORMAL),
    )
    facts = {fact.concept: fact for fact in clearance_facts(states(results=results).values())}
    assert facts["clearance-ecg"].status is FactStatus.ACTIVE
    assert facts["clearance-ecg"].recorded == TODAY
    assert facts["clearance-urine"].status is FactStatus.RESOLVED
    assert facts["clearance-airway"].status is FactStatus.UNKNOWN
    assert facts["clearance-renal"].status is FactStatus.ABSENT
    assert facts["clearance-eyes"].status is FactStatus.ACTIVE  # not needed, so nothing is lacking


def test_what_is_lacking_makes_the_verdict_needs() -> None:
    empty = knowledge.load(date(2025, 1, 1))  # before any rule was in force
    clear = assess(WOMAN, empty, SCOPE, TODAY)
    assert clear.verdict is Verdict.CLEAR
    lacking = with_findings(clear, clearance_findings(states().values()))
    assert lacking.verdict is Verdict.NEEDS
    assert {finding.rule_id for finding in lacking.findings} >= {"clearance-ecg", "clearance-liver"}
    assert with_findings(clear, ()).verdict is Verdict.CLEAR


def test_a_partial_birth_date_asks_when_it_leaves_the_age_open() -> None:
    born = Fact(FactKind.DEMOGRAPHIC, concept="birth-date", onset=PartialDate.parse("1970"))
    assert states(who=(born, sex("female")))["clearance-pregnancy"].reason is None
