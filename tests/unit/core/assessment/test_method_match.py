"""Which therapy suits: what a marker adds, what is unknown, and what the table says of itself."""

from datetime import date

import pytest

from openkap import knowledge
from openkap.core.assessment.method_match import Origin, Scored, Suitability, profile, rate, score
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.method_match import MethodMatch
from openkap.knowledge.schema.therapy_method import TherapyMethod

KNOWN = knowledge.load(date(2026, 11, 21))
TABLE: MethodMatch = KNOWN.method_match["method-match"]


def scored(**interview: int) -> dict[str, Scored]:
    asked = {name.replace("_", "-"): value for name, value in interview.items()}
    return {one.method: one for one in score(TABLE, rate(TABLE, asked, {}))}


@pytest.mark.parametrize(
    ("marker", "method"),
    [
        ("adverse-memories", "therapy-emdr"),
        ("grim-images", "therapy-art"),
        ("self-criticism", "therapy-ifs"),
        ("inner-parts", "therapy-ifs"),
        ("rumination", "therapy-cbt"),
        ("avoidance", "therapy-exposure"),
        ("withdrawal", "therapy-behavioural-activation"),
        ("body-symptoms", "therapy-somatic"),
        ("loss-or-role-change", "therapy-supportive"),
    ],
)
def test_each_marker_alone_speaks_for_its_method(marker: str, method: str) -> None:
    others = {one.id: 0 for one in TABLE.markers} | {marker: 9}
    best = score(TABLE, rate(TABLE, others, {}))[0]
    assert best.method == method
    assert any(because.reason.marker == marker for because in best.because)


def test_nothing_known_is_no_score_and_no_order() -> None:
    found = score(TABLE, rate(TABLE, {}, {}))
    assert {one.score for one in found} == {None}
    assert {one.suitability for one in found} == {Suitability.UNKNOWN}
    assert [one.method for one in found] == [one.method for one in TABLE.methods]


def test_what_was_not_asked_is_named() -> None:
    emdr = scored(adverse_memories=8)["therapy-emdr"]
    assert emdr.score == 8
    assert [marker.id for marker in emdr.unknown] == ["grim-images"]


def test_a_method_of_which_only_a_side_reason_is_known_cannot_be_told() -> None:
    found = score(TABLE, rate(TABLE, {"grim-images": 9}, {}))
    assert found[0].method == "therapy-art"
    emdr = next(one for one in found if one.method == "therapy-emdr")
    assert (emdr.score, emdr.suitability) == (9, Suitability.UNKNOWN)


def test_weights_count() -> None:
    emdr = scored(adverse_memories=8, grim_images=0)["therapy-emdr"]
    assert emdr.score == pytest.approx((3 * 8 + 1 * 0) / 4)
    assert emdr.suitability is Suitability.FITS
    assert scored(adverse_memories=7, grim_images=0)["therapy-emdr"].suitability is Suitability.MAY_FIT


def test_questionnaires_hint_until_somebody_asks() -> None:
    answers = {"gad-7": {"2": 3, "3": 2, "4": 0, "5": 0}, "phq-9": {"4": 3}}
    rated = {one.marker.id: one for one in rate(TABLE, {"body-symptoms": 1}, answers)}
    assert rated["rumination"].value == pytest.approx(10 * (1 + 2 / 3) / 2)
    assert rated["rumination"].origin is Origin.MEASURE
    assert (rated["body-symptoms"].value, rated["body-symptoms"].origin) == (1, Origin.INTERVIEW)
    assert rated["body-symptoms"].hinted == pytest.approx(10 / 3)


def test_an_item_that_was_left_out_gives_no_hint() -> None:
    rated = {one.marker.id: one for one in rate(TABLE, {}, {"gad-7": {"2": 3, "3": None}})}
    assert rated["rumination"].value is None
    assert rated["rumination"].origin is Origin.UNKNOWN


@pytest.mark.parametrize("value", [-1, 11])
def test_a_rating_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="avoidance"):
        rate(TABLE, {"avoidance": value}, {})


def test_the_profile_is_the_mean_of_what_is_known_of_an_axis() -> None:
    asked = {"rumination": 8, "self-criticism": 4, "avoidance": 6}
    assert profile(rate(TABLE, asked, {})) == {"cognitive": 6, "somatic": None, "avoidant": 6}


def test_every_method_is_one_a_note_can_name() -> None:
    known = read_kind("therapy_methods", TherapyMethod)
    assert {one.method for one in TABLE.methods} == set(known)


def test_hints_rest_on_items_that_exist() -> None:
    for marker in TABLE.markers:
        for hint in marker.hints:
            instrument = KNOWN.instruments[hint.instrument]
            items = {item.id: item for item in instrument.items}
            assert set(hint.items) <= set(items)


def test_cautions_rest_on_concepts_the_chart_knows() -> None:
    for one in TABLE.methods:
        for caution in one.cautions:
            assert caution.concept is None or caution.concept in KNOWN.concept_maps


def test_the_table_calls_itself_a_hypothesis() -> None:
    assert TABLE.verification == "convention"
    for method in ("EMDR", "ART", "IFS"):
        assert method in TABLE.evidence_note.en
    assert "hypothesis" in TABLE.evidence_note.en
    assert "No randomised trial" in TABLE.evidence_note.en
