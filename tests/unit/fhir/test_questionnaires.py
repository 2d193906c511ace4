"""Instruments and answers as FHIR and back: every shipped one, every language, every way not to answer."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.core.psychometrics.instruments import KNOWN, PHQ_9

from openkap.core.psychometrics import Answer, NotAnswered, languages_of, parse_answers
from openkap.errors import BadInput
from openkap.fhir.questionnaires import Filled, questionnaire, questionnaire_response, read_answers
from openkap.knowledge.loader import read_whole
from openkap.knowledge.schema.instrument import Instrument

SHIPPED = [form for form in read_whole("instruments", Instrument) if form.items]
IN_EACH_LANGUAGE = [(form, language) for form in SHIPPED for language in languages_of(form)]
RESPONSE, PATIENT = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def filled(answers: dict[str, Answer], language: str = "en") -> Filled:
    return Filled(RESPONSE, PATIENT, AT, language, answers)


def answers_of(form: Instrument, text: str) -> dict[str, Answer]:
    return dict(zip((item.id for item in form.items), parse_answers(text), strict=True))


@pytest.mark.parametrize(("form", "language"), IN_EACH_LANGUAGE, ids=lambda one: getattr(one, "id", one))
def test_every_shipped_instrument_is_a_valid_questionnaire(form: Instrument, language: str) -> None:
    made = questionnaire(form, language)
    Questionnaire.model_validate(made)
    assert made["copyright"]
    assert [item["linkId"] for item in made["item"]] == [i.id for i in (*form.items, *form.unscored_items)]
    for shown, item in zip(made["item"], (*form.items, *form.unscored_items), strict=True):
        scores = [option["extension"][0]["valueDecimal"] for option in shown["answerOption"]]
        assert scores == [choice.value for choice in form.choices_of(item)]
        assert item.text is not None
        assert getattr(item.text, language) in shown["text"]
        assert len({option["valueCoding"]["code"] for option in shown["answerOption"]}) == len(scores)


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.id)
def test_every_worked_example_goes_there_and_back(form: Instrument) -> None:
    for example in form.examples:
        if example.refused:
            continue
        answers = answers_of(form, example.answers or "")
        made = questionnaire_response(form, filled(answers))
        QuestionnaireResponse.model_validate(made)
        assert read_answers(form, made) == answers


@settings(max_examples=60)
@given(st.sampled_from(SHIPPED), st.data())
def test_any_answers_go_there_and_back(form: Instrument, data: st.DataObject) -> None:
    answers: dict[str, Answer] = {}
    for item in (*form.items, *form.unscored_items):
        offered: list[Answer] = [choice.value for choice in form.choices_of(item)]
        answers[item.id] = data.draw(st.sampled_from([*offered, *NotAnswered]))
    assert read_answers(form, questionnaire_response(form, filled(answers))) == answers


def test_a_question_that_depends_on_another_says_on_which_answers() -> None:
    padis = questionnaire(KNOWN.instruments["padis"])
    opening = padis["item"][1]["enableWhen"]
    assert {line["question"] for line in opening} == {"1"}
    assert [line["answerCoding"]["display"] for line in opening] == ["One", "2-5", "6-10", "11 or more"]


def test_the_loinc_codes_and_their_notice_travel_with_the_form() -> None:
    made = questionnaire(PHQ_9, "es")
    assert made["code"] == [{"system": "http://loinc.org", "code": "44249-1"}]
    assert "Regenstrief" in made["copyright"]
    assert made["item"][0]["code"][0]["code"] == "44250-9"
    assert "Regenstrief" not in questionnaire(KNOWN.instruments["rumination"])["copyright"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"resourceType": "Patient"}, "not a QuestionnaireResponse"),
        ({"questionnaire": "urn:openkap:questionnaire:phq-9|2"}, "another form"),
        ({"item": [{"linkId": "10", "answer": []}]}, "no question '10'"),
        ({"item": [{"linkId": "1", "answer": []}]}, "needs one answer"),
        (
            {"item": [{"linkId": "1", "answer": [{"valueCoding": {"system": "x", "code": "y"}}]}]},
            "does not offer",
        ),
        ({"item": [{"linkId": "1", "answer": [{"valueInteger": 3}]}]}, "does not offer"),
    ],
)
def test_what_is_not_an_answer_to_our_form_is_refused(change: dict[str, Any], says: str) -> None:
    made = questionnaire_response(PHQ_9, filled(answers_of(PHQ_9, "0,1,2,3,0,1,2,3,0")))
    with pytest.raises(BadInput, match=says):
        read_answers(PHQ_9, {**made, **change})


def test_an_answer_given_twice_is_refused() -> None:
    made = questionnaire_response(PHQ_9, filled(answers_of(PHQ_9, "0,1,2,3,0,1,2,3,0")))
    with pytest.raises(BadInput, match="twice"):
        read_answers(PHQ_9, {**made, "item": [*made["item"], made["item"][0]]})


@pytest.mark.parametrize(("form", "language"), [("madrs", "en"), ("gad-7", "es"), ("phq-9", "fr")])
def test_words_that_are_not_here_make_no_questionnaire(form: str, language: str) -> None:
    with pytest.raises(BadInput):
        questionnaire(KNOWN.instruments[form], language)
