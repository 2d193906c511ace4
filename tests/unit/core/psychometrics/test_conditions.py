"""Which questions are asked, what a form says beside its score, and scores that are no sums."""

from fractions import Fraction

import pytest
from tests.unit.core.psychometrics.instruments import KNOWN, SOURCE, instrument

from openkap.core.psychometrics import (
    NotAnswered,
    asked_items,
    change,
    half_up,
    outcome_of,
    parse_answers,
    score,
    score_total,
    wording_digest,
)
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Instrument

ASQ, SOPHS, PADIS = (KNOWN.instruments[name] for name in ("asq", "sophs", "padis"))
PC_PTSD, ISS, MADRS = (KNOWN.instruments[name] for name in ("pc-ptsd-5", "iss", "madrs"))


def of_three(**changes: object) -> Instrument:
    """The test scale without its subscales, so that its range may change."""
    return instrument(**{"subscales": [], **changes})


@pytest.mark.parametrize(
    ("answers", "fifth"),
    [
        ({}, None),
        ({"1": 0, "2": 0, "3": 0}, None),
        ({"1": 0, "2": 0, "3": 0, "4": 0}, False),
        ({"1": 1}, True),
        ({"1": 0, "2": 0, "3": 0, "4": NotAnswered.REFUSED}, True),
        ({"1": 0, "2": 0, "3": 0, "4": NotAnswered.SKIP}, None),
    ],
)
def test_the_fifth_question_of_the_asq(answers: dict[str, int | NotAnswered], fifth: bool | None) -> None:
    assert asked_items(ASQ, answers)["5"] is fifth


def test_a_question_that_is_not_asked_may_not_be_answered() -> None:
    with pytest.raises(BadInput, match="Item 2 of PADIS is not asked"):
        score(PADIS, parse_answers("0,1,SKIP,SKIP"))


def test_what_is_not_asked_scores_nothing_and_is_not_missing() -> None:
    scored = score(PADIS, parse_answers("0,SKIP,SKIP,SKIP"))
    assert (scored.total, scored.n_missing, scored.prorated) == (0, 0, False)


def test_a_question_that_may_or_may_not_be_asked_is_missing_until_that_is_known() -> None:
    scored = score(PADIS, parse_answers("REFUSED,SKIP,SKIP,SKIP"))
    assert (scored.total, scored.n_missing) == (None, 4)


def test_a_gate_opens_questions_and_adds_nothing() -> None:
    assert score(PC_PTSD, parse_answers("1,0,0,0,0,0")).total == 0
    assert score(PC_PTSD, parse_answers("1,1,1,1,1,1")).total == 5


@pytest.mark.parametrize(
    ("answers", "outcome", "undecided"),
    [
        ("0,0,0,0,SKIP", "negative", False),
        ("0,0,0,NA,SKIP", None, True),
        ("1,0,0,NA,0", "non-acute-positive", False),
        ("1,0,0,NA,SKIP", None, True),
        ("1,0,0,NA,1", "acute-positive", False),
        ("REFUSED,REFUSED,REFUSED,REFUSED,REFUSED", "acute-positive", False),
    ],
)
def test_a_missing_answer_never_makes_the_asq_negative(
    answers: str, outcome: str | None, undecided: bool
) -> None:
    scored = score(ASQ, parse_answers(answers))
    assert (scored.outcome.id if scored.outcome else None, scored.undecided) == (outcome, undecided)


def test_an_outcome_can_be_told_as_soon_as_nothing_can_change_it() -> None:
    assert outcome_of(SOPHS, {"1": 4, "2": 0}, {"total": None}) == (SOPHS.outcomes.of[1], False)  # type: ignore[union-attr]
    assert outcome_of(SOPHS, {"1": 4, "2": 1}, {"total": None}) == (None, True)


def test_an_outcome_from_scores() -> None:
    told = {
        "source": SOURCE,
        "verification": "convention",
        "of": [
            {"id": "high", "label": {"en": "High"}, "all_of": [{"score": "total", "at_least": 9}]},
            {"id": "low", "label": {"en": "Low"}, "all_of": [{"score": "total", "below": 9}]},
        ],
    }
    form = of_three(outcomes=told)
    assert [score(form, parse_answers(text)).outcome.id for text in ("5,1,3", "1,5,1")] == ["high", "low"]  # type: ignore[union-attr]
    assert score_total(form, 9).outcome.id == "high"  # type: ignore[union-attr]
    assert score(form, parse_answers("5,1,NA")).undecided


@pytest.mark.parametrize(
    ("scoring", "decimals", "range_", "answers", "total"),
    [
        ("mean", 2, (1, 5), "5,1,3", 4.33),
        ("mean", 1, (1, 5), "5,1,3", 4.3),
        ("mean", 0, (1, 5), "5,3,3", 4),
        ("mean", 2, (1, 5), "NA,1,5", 5),
        ("percent", 0, (0, 100), "1,5,1", 0),
        ("percent", 0, (0, 100), "5,1,5", 100),
        ("percent", 1, (0, 100), "3,3,4", 58.3),
        ("percent", 1, (0, 100), "NA,3,4", 62.5),
    ],
)
def test_means_and_percents_are_of_what_was_answered(
    scoring: str, decimals: int, range_: tuple[int, int], answers: str, total: float
) -> None:
    lowest, highest = range_
    form = of_three(scoring=scoring, decimals=decimals, range={"lowest": lowest, "highest": highest})
    assert score(form, parse_answers(answers)).total == total


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [(Fraction(1, 2), 0, 1), (Fraction(5, 2), 0, 3), (Fraction(1, 8), 2, 0.13), (Fraction(7, 3), 2, 2.33)],
)
def test_halves_go_up(value: Fraction, decimals: int, rounded: float) -> None:
    assert half_up(value, decimals) == rounded


def test_parts_are_entered_where_there_is_no_total() -> None:
    scored = score_total(ISS, None, {"activation": 120, "well-being": 90})
    parts = {part.id: (part.total, part.reason) for part in scored.subscales}
    assert scored.total is None
    assert parts["activation"] == (120, None)
    assert parts["conflict"] == (None, "not entered")


@pytest.mark.parametrize(
    ("form", "total", "parts", "says"),
    [
        (ISS, None, {}, "ISS needs its total"),
        (ISS, 12, {}, "ISS has no total score"),
        (ISS, None, {"activation": 501}, "501 is not a score of ISS, Activation"),
        (ISS, None, {"sleep": 1}, "ISS has no part 'sleep'"),
        (MADRS, None, {}, "MADRS needs its total"),
        (MADRS, 12.5, {}, "12.5 is not a score of MADRS"),
        (MADRS, 61, {}, "61 is not a score of MADRS"),
    ],
)
def test_a_total_that_cannot_be_is_refused(
    form: Instrument, total: float | None, parts: dict[str, float], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        score_total(form, total, parts)


def test_the_strictest_of_two_cut_offs_that_may_act_acts() -> None:
    both = [c for c in KNOWN.criteria.values() if c.instrument == "madrs" and c.kind == "remission"]
    assert {c.value for c in both} == {10, 12}
    assert change(MADRS, 30, 11, both).remission.met is False
    assert change(MADRS, 30, 10, both).remission.value == 10


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"items": [{"id": "1", "choices": "five", "asked_when": {"of": {"3": 1}}},
                    {"id": "3", "choices": "five"}]}, "do not come before it"),
        ({"scales": {"five": {"lowest": 1, "highest": 5, "low": {"en": "a"}, "high": {"en": "b"}}}},
         "exist once"),
        ({"range": {"lowest": 3, "highest": 16}}, "not what the items can add up to"),
        ({"outcomes": {"source": SOURCE, "verification": "convention",
                       "of": [{"id": "x", "label": {"en": "X"}, "all_of": [{"of": {"9": 1}}]}]}}, "not there"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_scored_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        of_three(**changes)


def test_the_words_of_a_scale_and_over_a_question_are_part_of_the_wording() -> None:
    scale = {"lowest": 1, "highest": 5, "low": {"en": "least"}, "high": {"en": "most"}}
    items = [{"id": n, "choices": "ends", "text": {"en": f"Question {n}"}} for n in "123"]
    shipped = {
        "wording": "shipped", "choices": {}, "scales": {"ends": scale}, "items": items,
        "missing": {"at_most": 0},
        "licence_evidence": {"holder": "a", "statement": "own", "read_at": "here", "read_on": "2026-11-21",
                             "attribution": {"en": "a"}},
    }  # fmt: skip
    plain = of_three(**shipped)
    other_end = of_three(**{**shipped, "scales": {"ends": {**scale, "high": {"en": "the most"}}}})
    with_lead = of_three(**{**shipped, "items": [{**items[0], "lead": {"en": "Think."}}, *items[1:]]})
    digests = {wording_digest(form, "en") for form in (plain, other_end, with_lead)}
    assert len(digests) == 3
    assert "" not in digests
