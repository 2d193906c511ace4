"""Instruments as FHIR R4 Questionnaires, what was answered as QuestionnaireResponses, and both back again.

Only our own form of an instrument is read back: by `linkId`, each answer a choice it offers. Scores of other
systems (`calculatedExpression` and the like) are never taken over. Our canonical addresses are URNs: they name,
and promise no server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from openkap.core.psychometrics import Answer, NotAnswered, in_language, languages_of
from openkap.errors import BadInput
from openkap.fhir.values import LOINC
from openkap.knowledge.schema.instrument import AtLeast, Choice, Instrument, Item
from openkap.knowledge.schema.record import Text

ORDINAL: Final = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LOINC_NOTICE: Final = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, "
    "Inc. and the LOINC Committee and is available at no cost under the license at http://loinc.org/license."
)
_ABSENT_CODES: Final = {
    NotAnswered.NA: "not-applicable",
    NotAnswered.SKIP: "not-asked",
    NotAnswered.REFUSED: "asked-declined",
}
_WHY_ABSENT: Final = {code: reason for reason, code in _ABSENT_CODES.items()}


@dataclass(frozen=True)
class Filled:
    """One filled instrument: `answers` by item id, each a chosen value or why there is none."""

    response_id: UUID
    patient_id: UUID
    answered_at: datetime
    language: str
    answers: Mapping[str, Answer]


def canonical(instrument: Instrument) -> str:
    """The canonical address of an instrument in its version."""
    return f"urn:openkap:questionnaire:{instrument.id}|{instrument.version}"


def questionnaire(instrument: Instrument, language: str = "en") -> dict[str, Any]:
    """The instrument as an R4 Questionnaire in one language.

    Raises `BadInput` for an instrument whose words are not here, or not in that language.
    """
    if not instrument.items or language not in languages_of(instrument):
        raise BadInput("%(form)s is not here in that language.", form=instrument.abbreviation)
    shown = {
        "resourceType": "Questionnaire",
        "id": instrument.id,
        "url": canonical(instrument).split("|")[0],
        "version": str(instrument.version),
        "name": "".join(part.capitalize() for part in instrument.id.split("-")),
        "title": _words(instrument.title, language),
        "status": "active",
        "date": instrument.effective_from.isoformat(),
        "subjectType": ["Patient"],
        "language": language,
        "copyright": _copyright(instrument, language),
        "item": [_item(instrument, item, language, required=True) for item in instrument.items]
        + [_item(instrument, item, language, required=False) for item in instrument.unscored_items],
    }
    if instrument.stem:
        shown["description"] = _words(instrument.stem, language)
    if instrument.loinc.panel:
        shown["code"] = [{"system": LOINC, "code": instrument.loinc.panel}]
    return shown


def questionnaire_response(instrument: Instrument, filled: Filled) -> dict[str, Any]:
    """What was answered, as an R4 QuestionnaireResponse; why an answer is missing is kept with it."""
    items = {item.id: item for item in (*instrument.items, *instrument.unscored_items)}
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(filled.response_id),
        "questionnaire": canonical(instrument),
        "status": "completed",
        "language": filled.language,
        "subject": {"reference": f"Patient/{filled.patient_id}"},
        "authored": filled.answered_at.isoformat(),
        "item": [
            _answered(instrument, item, filled.answers[item_id], filled.language)
            for item_id, item in items.items()
            if item_id in filled.answers
        ],
    }


def read_answers(instrument: Instrument, resource: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers by item id of a QuestionnaireResponse to our form of `instrument`, in the form's order.

    Raises `BadInput` for another form or version, an item it does not have, two answers to one question, or an
    answer that is not offered.
    """
    if resource.get("resourceType") != "QuestionnaireResponse":
        raise BadInput("This is not a QuestionnaireResponse.")
    if resource.get("questionnaire") != canonical(instrument):
        raise BadInput(
            "It answers another form than %(form)s.", field="questionnaire", form=canonical(instrument)
        )
    items = {item.id: item for item in (*instrument.items, *instrument.unscored_items)}
    answers: dict[str, Answer] = {}
    for entry in resource.get("item") or []:
        link = entry.get("linkId")
        if link not in items or link in answers:
            raise BadInput(
                "%(form)s has no question '%(link)s', or it stands there twice.",
                form=instrument.abbreviation,
                link=link,
            )
        answers[link] = _read(instrument, items[link], entry.get("answer") or [])
    return {item: answers[item] for item in items if item in answers}


def _item(instrument: Instrument, item: Item, language: str, *, required: bool) -> dict[str, Any]:
    parts = [_words(text, language) for text in (item.lead, item.text) if text]
    shown: dict[str, Any] = {
        "linkId": item.id,
        "text": " ".join(parts) or item.id,
        "type": "choice",
        "required": required and item.asked_when is None,
        "answerOption": [
            {"valueCoding": _coding(instrument, item, choice, language), "extension": [_ordinal(choice)]}
            for choice in instrument.choices_of(item)
        ],
    }
    if item.loinc:
        shown["code"] = [{"system": LOINC, "code": item.loinc}]
    if item.asked_when and item.asked_when.count == 1:
        shown["enableWhen"] = _enabling(instrument, item.asked_when, language)
        shown["enableBehavior"] = "any"
    return shown


def _enabling(instrument: Instrument, condition: AtLeast, language: str) -> list[dict[str, Any]]:
    """FHIR compares codings only for equality: one line for each answer that opens the question."""
    items = {item.id: item for item in instrument.items}
    return [
        {
            "question": item_id,
            "operator": "=",
            "answerCoding": _coding(instrument, items[item_id], choice, language),
        }
        for item_id, least in condition.of.items()
        for choice in instrument.choices_of(items[item_id])
        if choice.value >= least
    ]


def _answered(instrument: Instrument, item: Item, answer: Answer, language: str) -> dict[str, Any]:
    if isinstance(answer, NotAnswered):
        why = {"extension": [{"url": ABSENT, "valueCode": _ABSENT_CODES[answer]}]}
        return {"linkId": item.id, "answer": [why]}
    choice = next(choice for choice in instrument.choices_of(item) if choice.value == answer)
    coding = _coding(instrument, item, choice, language) | {"extension": [_ordinal(choice)]}
    return {"linkId": item.id, "answer": [{"valueCoding": coding}]}


def _read(instrument: Instrument, item: Item, given: list[Mapping[str, Any]]) -> Answer:
    if len(given) != 1:
        raise BadInput(
            "Question %(item)s of %(form)s needs one answer.", item=item.id, form=instrument.abbreviation
        )
    for extension in given[0].get("extension") or []:
        if extension.get("url") == ABSENT and extension.get("valueCode") in _WHY_ABSENT:
            return _WHY_ABSENT[extension["valueCode"]]
    coding = given[0].get("valueCoding") or {}
    for choice in instrument.choices_of(item):
        offered = _coding(instrument, item, choice, "en")
        if (coding.get("system"), coding.get("code")) == (offered["system"], offered["code"]):
            return choice.value
    raise BadInput(
        "Question %(item)s of %(form)s does not offer that answer.", item=item.id, form=instrument.abbreviation
    )


def _coding(instrument: Instrument, item: Item, choice: Choice, language: str) -> dict[str, Any]:
    """The answer's LOINC code where there is one, else a code of the instrument's own list."""
    if choice.loinc:
        system, code = LOINC, choice.loinc
    else:
        system, code = f"urn:openkap:answers:{instrument.id}", f"{item.choices}-{choice.value}"
    return {"system": system, "code": code, "display": _words(choice.label, language)}


def _ordinal(choice: Choice) -> dict[str, Any]:
    return {"url": ORDINAL, "valueDecimal": choice.value}


def _copyright(instrument: Instrument, language: str) -> str:
    evidence = instrument.licence_evidence
    codes = [instrument.loinc.panel, *(item.loinc for item in instrument.items)]
    parts = [_words(evidence.attribution, language) if evidence else "", evidence.statement if evidence else ""]
    return " ".join(part for part in (*parts, LOINC_NOTICE if any(codes) else "") if part)


def _words(text: Text, language: str) -> str:
    """The words in that language, else English: titles may lack a translation, questions never do."""
    return in_language(text, language) or text.en
