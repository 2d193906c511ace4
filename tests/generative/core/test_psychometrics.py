"""What holds for any answers."""

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.psychometrics.instruments import GAD_7, KNOWN, PHQ_9, instrument

from openkap.core.psychometrics import Answer, NotAnswered, change, score
from openkap.knowledge.schema.instrument import Instrument

SCALES = [PHQ_9, GAD_7, instrument()]


def answers(form: Instrument) -> st.SearchStrategy[list[Answer]]:
    def of(values: list[int]) -> st.SearchStrategy[Answer]:
        return st.one_of(st.sampled_from(values), st.sampled_from(NotAnswered))

    return st.tuples(*(of([c.value for c in form.choices_of(item)]) for item in form.items)).map(list)


filled = st.sampled_from(SCALES).flatmap(lambda form: st.tuples(st.just(form), answers(form)))


@given(filled)
def test_a_total_lies_in_its_range_or_has_a_reason(one: tuple[Instrument, list[Answer]]) -> None:
    form, given_answers = one
    scored = score(form, given_answers)
    assert (scored.total is None) == (scored.reason is not None)
    assert scored.total is None or scored.total in form.range
    for part, scale in zip(scored.subscales, form.subscales, strict=True):
        assert part.total is None or part.total in scale.range


@given(filled)
def test_nothing_is_estimated_beyond_the_rule(one: tuple[Instrument, list[Answer]]) -> None:
    form, given_answers = one
    scored = score(form, given_answers)
    missing = {
        item.id
        for item, answer in zip(form.items, given_answers, strict=True)
        if isinstance(answer, NotAnswered)
    }
    assert form.missing is not None
    allowed = len(missing) <= form.missing.at_most and not missing & set(form.missing.required)
    assert (scored.total is not None) == allowed
    assert scored.n_missing == len(missing)


@given(filled)
def test_the_band_is_the_highest_that_is_reached(one: tuple[Instrument, list[Answer]]) -> None:
    form, given_answers = one
    scored = score(form, given_answers)
    if scored.total is None or form.bands is None:
        assert scored.band is None
        return
    assert scored.band is not None
    above = [band.at_least for band in form.bands.of if band.at_least > scored.band.at_least]
    assert scored.band.at_least <= scored.total < min(above, default=scored.total + 1)


@given(filled, st.data())
def test_a_worse_answer_never_lowers_a_total(one: tuple[Instrument, list[Answer]], data: st.DataObject) -> None:
    form, given_answers = one
    index = data.draw(st.integers(0, len(form.items) - 1))
    if form.items[index].reverse or isinstance(given_answers[index], NotAnswered):
        return
    worst = list(given_answers)
    worst[index] = max(choice.value for choice in form.choices_of(form.items[index]))
    before, after = score(form, given_answers).total, score(form, worst).total
    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before


@given(st.integers(0, 27), st.integers(0, 27))
def test_a_change_is_judged_the_same_way_in_both_directions(first: int, then: int) -> None:
    figures = [c for c in KNOWN.criteria.values() if c.instrument == "phq-9"]
    there, back = change(PHQ_9, first, then, figures), change(PHQ_9, then, first, figures)
    assert there.points == -back.points
    assert there.reliable.met == back.reliable.met
    assert there.improved.met == back.deteriorated.met
    assert not (there.improved.met and there.deteriorated.met)


@given(st.integers(0, 27), st.integers(0, 27))
def test_response_is_claimed_only_for_those_who_were_ill(first: int, then: int) -> None:
    figures = [c for c in KNOWN.criteria.values() if c.instrument == "phq-9"]
    judged = change(PHQ_9, first, then, figures)
    if judged.response.met:
        assert judged.eligible.met
        assert judged.percent_improvement is not None
        assert judged.percent_improvement >= 50
