"""More of a marker never speaks against the method it is for, whatever else is known."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.assessment.method_match import Scored, Suitability, rate, score

TABLE = knowledge.load(date(2026, 11, 21)).method_match["method-match"]
MARKERS = [marker.id for marker in TABLE.markers]
interviews = st.dictionaries(st.sampled_from(MARKERS), st.integers(0, 10))


def by_method(interview: dict[str, int]) -> dict[str, Scored]:
    return {one.method: one for one in score(TABLE, rate(TABLE, interview, {}))}


@settings(max_examples=150, deadline=None)
@given(interviews, st.sampled_from(MARKERS), st.integers(0, 10), st.integers(0, 10))
def test_more_of_a_marker_never_lowers_its_methods(
    interview: dict[str, int], marker: str, one: int, other: int
) -> None:
    low, high = sorted((one, other))
    less, more = by_method(interview | {marker: low}), by_method(interview | {marker: high})
    for suits in TABLE.methods:
        before, after = less[suits.method].score, more[suits.method].score
        if any(reason.marker == marker for reason in suits.reasons):
            assert before is not None
            assert after is not None
            assert after >= before
        else:
            assert after == before


@settings(max_examples=100, deadline=None)
@given(interviews)
def test_a_score_is_from_zero_to_ten_and_unknown_markers_are_named(interview: dict[str, int]) -> None:
    for suits in TABLE.methods:
        found = by_method(interview)[suits.method]
        asked = {reason.marker for reason in suits.reasons} & set(interview)
        assert (found.score is None) == (not asked)
        assert found.score is None or 0 <= found.score <= 10
        assert {marker.id for marker in found.unknown} == {r.marker for r in suits.reasons} - asked


@settings(max_examples=60, deadline=None)
@given(interviews)
def test_the_best_supported_comes_first_and_the_unknown_last(interview: dict[str, int]) -> None:
    found = score(TABLE, rate(TABLE, interview, {}))
    told = [one for one in found if one.suitability is not Suitability.UNKNOWN]
    assert list(found[: len(told)]) == told
    scores = [one.score or 0 for one in told]
    assert scores == sorted(scores, reverse=True)
    for one in told:
        weights = sum(because.reason.weight for because in one.because)
        known = sum(because.reason.weight for because in one.because if because.rated.value is not None)
        assert known >= TABLE.enough_known * weights
