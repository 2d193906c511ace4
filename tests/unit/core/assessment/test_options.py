"""The decision aid: which figures are shown to whom, and what may stand side by side."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment.options import (
    Aid,
    Circumstances,
    Fit,
    OptionFigures,
    aid_for,
    fitted,
    frame_of,
    of_hundred,
    places_of,
    said,
    usable,
)
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.knowledge.schema.evidence import Endpoint, Setting
from openkap.knowledge.schema.record import Verification

DAY = date(2026, 11, 21)
KNOWN = knowledge.load(DAY)
IN_HOSPITAL = Setting.INPATIENT


def signed(*wanted: str, adopted: bool = True) -> KnowledgeSet:
    """The package's knowledge after the director decided on these records."""
    return knowledge.load(DAY, [SignOff(one, 1, adopted, DAY) for one in wanted])


def all_adopted() -> KnowledgeSet:
    return signed(*KNOWN.evidence, *KNOWN.options)


def option(aid: Aid, name: str) -> OptionFigures:
    return next(one for one in aid.options if one.option.id == f"option-{name}")


def people(**said: object) -> Circumstances:
    return Circumstances(**{"indication": "trd", "failed_trials": 2, "age": 45, **said})  # type: ignore[arg-type]


def test_a_figure_from_memory_waits_for_the_director() -> None:
    rtms = option(aid_for(people(), KNOWN), "tms")
    assert rtms.response is None
    assert rtms.waiting > 0
    adopted = option(aid_for(people(), signed("three-d-rtms-response")), "tms")
    assert adopted.response is not None
    assert adopted.response.figure.id == "three-d-rtms-response"


def test_a_figure_that_was_declined_stays_away() -> None:
    assert not usable("three-d-rtms-response", signed("three-d-rtms-response", adopted=False))


def test_nothing_on_the_page_is_unread_before_sign_off() -> None:
    for circumstances in (
        people(),
        people(failed_trials=None),
        people(indication="sad"),
        people(indication="ptsd"),
    ):
        aid = aid_for(circumstances, KNOWN)
        shown = [
            part.figure
            for one in aid.options
            for part in (one.response, one.remission, *one.others)
            if part is not None
        ]
        shown += [arm.figure for comparison in aid.comparisons for arm in comparison.arms]
        shown += [figure for expected in aid.expectations for figure in (expected.figures or {}).values()]
        assert {figure.verification for figure in shown} == {Verification.SOURCE}
        claims = [claim for one in aid.options for part in one.claims.values() for claim in part]
        assert {claim.verification for claim in claims} == {Verification.SOURCE}


def test_claims_from_memory_come_with_the_sign_off_of_their_option() -> None:
    before, after = (
        option(aid_for(people(), known), "ect").claims["onset"] for known in (KNOWN, signed("option-ect"))
    )
    assert before == ()
    assert [claim.verification for claim in after] == [Verification.MEMORY]


@pytest.mark.parametrize(
    ("failed", "step"),
    [
        (0, "star-d-step-1"),
        (1, "star-d-step-2"),
        (2, "star-d-step-3"),
        (3, "star-d-step-4"),
        (6, "star-d-step-4"),
    ],
)
def test_the_next_tablet_is_told_by_how_many_failed(failed: int, step: str) -> None:
    remission = option(aid_for(people(failed_trials=failed), KNOWN), "tablet").remission
    assert remission is not None
    assert (remission.figure.id, remission.fit) == (step, Fit.YES)


def test_without_a_history_no_step_is_taken_for_granted() -> None:
    tablet = option(aid_for(people(failed_trials=None), KNOWN), "tablet")
    assert tablet.remission is None
    assert {one.fit for one in tablet.others} == {Fit.UNKNOWN}


def test_at_least_two_failures_fit_what_is_open_upwards_and_leave_single_steps_open() -> None:
    circumstances = people(failed_trials=2, or_more=True)
    fits = {name: fitted(KNOWN.evidence[name], circumstances).fit for name in KNOWN.evidence}
    assert fits["elekt-d-ketamine-response"] is Fit.YES
    assert fits["star-d-step-3"] is Fit.UNKNOWN
    assert fits["star-d-step-2"] is Fit.NO
    assert fits["star-d-step-4"] is Fit.UNKNOWN
    assert option(aid_for(circumstances, KNOWN), "tablet").remission is None


def test_ect_differs_threefold_by_setting() -> None:
    known = all_adopted()
    outside = option(aid_for(people(), known), "ect").remission
    inside = option(aid_for(people(setting=IN_HOSPITAL), known), "ect").remission
    assert outside
    assert inside
    assert (outside.figure.id, outside.figure.value) == ("elekt-d-ect-remission", 22)
    assert (inside.figure.id, inside.figure.value) == ("ketect-ect-remission", 63)


def test_what_was_seen_in_hospital_is_not_told_of_people_outside() -> None:
    ketamine = option(aid_for(people(), all_adopted()), "ketamine-iv")
    large = {part.figure.setting for part in (ketamine.response, ketamine.remission) if part}
    assert IN_HOSPITAL not in large
    karma = next(one for one in ketamine.others if one.figure.id == "karma-dep-2-ketamine-response")
    assert (karma.fit, karma.differs) == (Fit.NO, ("setting",))


def test_older_people_are_told_of_older_people() -> None:
    for age, study in ((64, "TRANSFORM-2"), (65, "TRANSFORM-3"), (82, "TRANSFORM-3")):
        response = option(aid_for(people(age=age), KNOWN), "esketamine").response
        assert response is not None
        assert response.figure.study == study


def test_an_anxious_person_is_told_nothing_of_depression() -> None:
    for indication in ("gad", "panic", "agoraphobia", "sad", "ptsd"):
        aid = aid_for(Circumstances(indication), all_adopted())
        assert {one.option.programme for one in aid.options} == {"anxiety"}
        for one in aid.options:
            for part in (one.response, one.remission):
                assert part is None or indication in part.figure.indications


def test_where_nothing_is_verified_no_figure_is_found() -> None:
    gad = aid_for(Circumstances("gad"), all_adopted())
    assert all(one.response is None and one.remission is None for one in gad.options)
    assert not any(one.rated for one in gad.options)
    assert gad.comparisons == ()


def test_pictures_side_by_side_are_of_one_kind() -> None:
    for circumstances in (people(), people(setting=IN_HOSPITAL), people(age=70), people(failed_trials=None)):
        for comparison in aid_for(circumstances, all_adopted()).comparisons:
            figures = [arm.figure for arm in comparison.arms]
            assert len(figures) > 1
            assert len({(one.endpoint, one.measure, one.threshold.en) for one in figures}) == 1
            assert len({(one.after_days, one.after.en) for one in figures}) == 1
            assert len({one.stage for one in figures}) == 1
            assert len({(one.setting, one.ages) for one in figures}) == 1
            assert len({(one.control, one.design) for one in figures}) == 1


def test_a_cut_off_nobody_states_compares_within_its_study_only() -> None:
    elekt = KNOWN.evidence["elekt-d-ketamine-remission"]
    assert elekt.threshold.en == "cut-off not stated"
    other = elekt.model_copy(update={"id": "other", "study": "Another"})
    assert frame_of(elekt) != frame_of(other)
    half = KNOWN.evidence["elekt-d-ketamine-response"]
    assert frame_of(half) == frame_of(half.model_copy(update={"study": "Another"}))


def test_every_option_is_in_a_comparison_or_named_as_missing() -> None:
    aid = aid_for(people(), KNOWN)
    for comparison in aid.comparisons:
        there = [arm.option.id for arm in comparison.arms if arm.option]
        missing = [one.id for one in comparison.missing]
        assert sorted(there + missing) == sorted(one.option.id for one in aid.options)


def test_options_compared_with_each_other_come_before_those_with_a_dummy() -> None:
    counts = [
        len({arm.option.id for arm in comparison.arms if arm.option})
        for comparison in aid_for(people(), KNOWN).comparisons
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 2


def test_the_drug_decides_what_is_said_on_upkeep() -> None:
    by_drug = {
        drug: [one.expectation.id for one in aid_for(people(drug=drug), KNOWN).expectations]
        for drug in ("ketamine", "esketamine")
    }
    assert "expect-depression-upkeep-ketamine" in by_drug["ketamine"]
    assert "expect-depression-upkeep-spray" in by_drug["esketamine"]
    assert "expect-depression-upkeep-spray" not in by_drug["ketamine"]


@pytest.mark.parametrize("indication", ["trd", "mdd", "gad", "panic", "sad", "ptsd", "agoraphobia", "mdd-si"])
def test_everyone_hears_that_it_may_not_help_that_it_fades_and_why_before_and_after_mislead(
    indication: str,
) -> None:
    for drug in ("ketamine", "esketamine"):
        expected = list(aid_for(Circumstances(indication, drug=drug), KNOWN).expectations)
        about = {one.expectation.about for one in expected}
        assert {"non-response", "regression"} <= about, drug
        if drug == "ketamine":
            assert "fading" in about


def test_no_place_in_a_text_is_left_empty() -> None:
    for known in (KNOWN, all_adopted()):
        for indication in ("trd", "gad", "sad", "ptsd"):
            for one in aid_for(Circumstances(indication), known).expectations:
                for language in ("en", "es"):
                    words = said(one, language)
                    assert "{" not in words
                    assert "?" not in words


def test_an_expectation_whose_figure_may_not_be_shown_says_so() -> None:
    declined = signed("mcinnes-2022-response", adopted=False)
    expected = next(
        one
        for one in aid_for(people(), declined).expectations
        if one.expectation.id == "expect-depression-no-gain"
    )
    assert expected.figures is not None, "read in its source: a decision is not needed"
    gone = expected.__class__(expected.expectation, None)
    assert said(gone, "en").startswith("No figure found")
    assert said(gone, "es").startswith("No se encontró")


def test_people_are_rounded_halves_up_and_the_rest_makes_a_hundred() -> None:
    assert [of_hundred(value) for value in (0, 0.4, 0.5, 12.5, 55.4, 99.5)] == [0, 0, 1, 13, 55, 100]
    for figure in KNOWN.evidence.values():
        places = places_of(figure)
        if figure.statistic == "percent":
            assert int(places["value"]) + int(places["rest"]) == 100
            assert 0 <= int(places["ten"]) <= 10


def test_remission_is_never_told_of_a_response() -> None:
    aid = aid_for(people(), all_adopted())
    for one in aid.options:
        assert one.response is None or one.response.figure.endpoint is Endpoint.RESPONSE
        assert one.remission is None or one.remission.figure.endpoint is Endpoint.REMISSION
