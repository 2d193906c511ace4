"""Medical clearance, whatever the results: nothing that lacks passes, and validity ends where it ends."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.assessment import FactStatus, Scope, birth_date, sex
from openkap.core.assessment.clearance import (
    COUNTS,
    ClearanceState,
    Decision,
    ItemState,
    Kept,
    Reading,
    Result,
    Waiver,
    clearance,
    clearance_facts,
    clearance_findings,
)
from openkap.units import Drug, Route

TODAY = date(2026, 11, 21)
KNOWN = knowledge.load(TODAY)
SCOPE = Scope("trd", Drug.KETAMINE, Route.IV)
READ = sorted(item for item, record in KNOWN.clearance_items.items() if record.needs_reading)

days = st.integers(-30, 1200).map(lambda back: TODAY - timedelta(days=back))
results = st.builds(
    Result,
    item=st.sampled_from(READ),
    done_on=days,
    reading=st.sampled_from(Reading),
    decision=st.none() | st.sampled_from(Decision),
    ref=st.text("abc", min_size=1, max_size=3),
)
waivers = st.builds(
    Waiver, item=st.sampled_from(READ), version=st.integers(1, 2), until=days, ref=st.text("abc", max_size=3)
)
people = st.sampled_from(["female", "male", "other", "unknown"]).flatmap(
    lambda who: st.dates(date(1930, 1, 1), date(2008, 1, 1)).map(lambda born: (birth_date(born), sex(who)))
)
kept = st.builds(
    Kept, results=st.lists(results, max_size=12).map(tuple), waivers=st.lists(waivers, max_size=4).map(tuple)
)


def states(who: tuple, said: Kept) -> dict[str, ItemState]:  # type: ignore[type-arg]
    return {one.item.id: one for one in clearance(who, said, KNOWN, SCOPE, TODAY)}


@given(people, kept)
@settings(max_examples=60)
def test_what_lacks_never_passes(who: tuple, said: Kept) -> None:  # type: ignore[type-arg]
    """Every item has one state; every one that does not count is a need, and no other is."""
    found = states(who, said)
    assert found.keys() == KNOWN.clearance_items.keys()
    lacking = {item for item, one in found.items() if one.state not in COUNTS}
    assert {finding.rule_id for finding in clearance_findings(found.values())} == lacking
    passing = {fact.concept for fact in clearance_facts(found.values()) if fact.status is FactStatus.ACTIVE}
    assert passing == found.keys() - lacking


@given(people, kept)
@settings(max_examples=60)
def test_what_counts_rests_on_a_result_in_time_or_on_a_waiver(who: tuple, said: Kept) -> None:  # type: ignore[type-arg]
    for item, one in states(who, said).items():
        own = [r for r in said.results if r.item == item and r.done_on <= TODAY]
        if one.state in {ClearanceState.VALID, ClearanceState.EXPIRING}:
            newest = max(own, key=lambda r: (r.done_on, r.ref))
            assert newest.done_on + timedelta(days=one.item.valid_days) >= TODAY
            assert newest.reading is Reading.NORMAL or newest.decision is Decision.ACCEPT
        if one.state is ClearanceState.WAIVED:
            assert any(
                w.item == item and w.version == one.item.version and w.until >= TODAY for w in said.waivers
            )


@given(people, kept, st.randoms())
@settings(max_examples=30)
def test_the_order_in_which_results_came_does_not_matter(who: tuple, said: Kept, chance) -> None:  # type: ignore[no-untyped-def,type-arg]
    shuffled, again = list(said.results), list(said.waivers)
    distinct = {(r.item, r.done_on, r.ref) for r in shuffled}
    if len(distinct) < len(shuffled):
        return  # two rows never share an id
    chance.shuffle(shuffled)
    chance.shuffle(again)
    assert states(who, said) == states(who, Kept(tuple(shuffled), tuple(again)))


@given(people, kept, results)
@settings(max_examples=60)
def test_an_older_result_changes_nothing(who: tuple, said: Kept, other: Result) -> None:  # type: ignore[type-arg]
    own = [r.done_on for r in said.results if r.item == other.item and r.done_on <= TODAY]
    if own and other.done_on < max(own):
        more = Kept((*said.results, other), said.waivers)
        assert states(who, more) == states(who, said)


@given(people, kept, waivers)
@settings(max_examples=60)
def test_a_waiver_never_takes_away_what_counts(who: tuple, said: Kept, other: Waiver) -> None:  # type: ignore[type-arg]
    before, after = states(who, said), states(who, Kept(said.results, (*said.waivers, other)))
    assert {i for i, one in before.items() if one.counts} <= {i for i, one in after.items() if one.counts}
