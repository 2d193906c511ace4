"""Scoring: the records' own examples, every missing-item edge, reversal, subscales, refusals."""

import pytest
from tests.unit.core.psychometrics.instruments import GAD_7, PHQ_9, instrument

from openkap.core.psychometrics import (
    NotAnswered,
    languages_of,
    parse_answers,
    prorate,
    score,
    score_total,
    wording_digest,
)
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Instrument


@pytest.mark.parametrize("known", [PHQ_9, GAD_7], ids=lambda known: known.id)
def test_every_band_edge(known: Instrument) -> None:
    assert known.bands is not None
    for lower, band in zip((None, *known.bands.of), known.bands.of, strict=False):
        assert score_total(known, band.at_least).band == band
        if lower is not None:
            assert score_total(known, band.at_least - 1).band == lower
    assert score_total(known, known.range.highest).band == known.bands.of[-1]


@pytest.mark.parametrize(
    ("answers", "total", "reason"),
    [
        ("NA,NA,1,1,1,1,1,1,1", 9, None),
        ("NA,NA,NA,1,1,1,1,1,1", None, "3 items are missing; at most 2 may be"),
        ("1,1,1,1,1,1,1,1,NA", None, "item 9 is missing and is never estimated"),
        ("1,1,1,1,1,1,1,1,SKIP", None, "item 9 is missing and is never estimated"),
        ("NA,NA,NA,NA,NA,NA,NA,NA,NA", None, "item 9 is missing and is never estimated"),
    ],
)
def test_phq_9_with_missing_items(answers: str, total: int | None, reason: str | None) -> None:
    scored = score(PHQ_9, parse_answers(answers))
    assert (scored.total, scored.reason) == (total, reason)
    assert scored.prorated == (total is not None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None], 2),
        ([1, 0, None], 2),  # 1.5 goes up
        ([1, 0, 0, 0, 1, None, 0, 0, 2], 5),  # 4.5 goes up; Python's round would say 4
        ([1, 1, 1, 0, 0, 0, None], 4),  # 3.5 goes up
        ([0, 0, None], 0),
        ([3, 3, 3], 9),
    ],
)
def test_halves_go_up_when_prorating(values: list[int | None], expected: int) -> None:
    assert prorate(values) == expected


def test_reversed_items_turn_round_within_their_own_choices() -> None:
    scored = score(instrument(), [1, 1, 1])
    assert scored.total == 1 + 5 + 1
    assert {part.id: part.total for part in scored.subscales} == {"front": 6, "back": 1}


def test_a_subscale_has_its_own_rule_for_missing_items() -> None:
    scored = score(instrument(), [NotAnswered.SKIP, 3, 4])
    assert scored.total == 11  # 7 of two items, times three halves, is 10.5
    front, back = scored.subscales
    assert (front.total, front.reason) == (None, "1 items are missing; at most 0 may be")
    assert back.band is not None
    assert (back.total, back.band.id) == (4, "high")


def test_safety_items_speak_even_when_there_is_no_total() -> None:
    scored = score(instrument(), [NotAnswered.NA, NotAnswered.NA, 2])
    assert scored.total is None
    assert [(flag.item, flag.answer, flag.raised) for flag in scored.flags] == [("3", 2, True)]


def test_an_unanswered_safety_item_is_not_raised_and_not_gone() -> None:
    flag = score(PHQ_9, parse_answers("0,0,0,0,0,0,0,0,REFUSED")).flags[0]
    assert (flag.answer, flag.raised) == (NotAnswered.REFUSED, False)


@pytest.mark.parametrize("answers", ["0,0,0", "0,0,0,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,4", "0,0,0,0,0,0,0,0,99"])
def test_a_wrong_count_or_value_is_refused(answers: str) -> None:
    with pytest.raises(BadInput):
        score(PHQ_9, parse_answers(answers))


@pytest.mark.parametrize("text", ["", "1,,2", "a,b", "-1", "1.5", "\u0661", "1;2", "no"])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not an answer"):
        parse_answers(text)


def test_reasons_may_be_written_in_any_case() -> None:
    assert parse_answers("0, na ,Skip,REFUSED") == (0, NotAnswered.NA, NotAnswered.SKIP, NotAnswered.REFUSED)


@pytest.mark.parametrize("total", [-1, 28, 1000])
def test_a_total_out_of_range_is_refused(total: int) -> None:
    with pytest.raises(BadInput, match="it goes from 0 to 27"):
        score_total(PHQ_9, total)


def test_an_instrument_without_items_takes_totals_only() -> None:
    licensed = instrument(items=[], choices={}, subscales=[], missing=None)
    assert licensed.total_entry_only
    assert score_total(licensed, 9).total == 9
    with pytest.raises(BadInput, match="takes a total"):
        score(licensed, [1, 2, 3])


def test_an_instrument_without_a_total_refuses_one() -> None:
    untotalled = instrument(has_total=False)
    assert score(untotalled, [1, 1, 1]).reason == "has no total score"
    with pytest.raises(BadInput, match="has no total"):
        score_total(untotalled, 9)


def test_a_form_is_offered_only_in_languages_in_which_it_is_whole() -> None:
    assert languages_of(PHQ_9) == ("en", "es")
    assert languages_of(GAD_7) == ("en",)


def test_the_fingerprint_follows_the_words() -> None:
    assert wording_digest(PHQ_9, "en") != wording_digest(PHQ_9, "es")
    assert wording_digest(GAD_7, "es") == ""
    changed = PHQ_9.model_copy(update={"stem": None})
    assert wording_digest(changed, "en") != wording_digest(PHQ_9, "en")
