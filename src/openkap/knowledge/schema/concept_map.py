"""A concept map: which codes and words in a chart mean one clinical concept."""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import Cited


class CodeSystem(StrEnum):
    """Coding systems, by the address FHIR gives them."""

    SNOMED = "http://snomed.info/sct"
    ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
    RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
    LOINC = "http://loinc.org"


SHAPES = {
    CodeSystem.SNOMED: re.compile(r"\d{6,18}"),
    CodeSystem.ICD10CM: re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
    CodeSystem.RXNORM: re.compile(r"\d{1,8}"),
    CodeSystem.LOINC: re.compile(r"\d{1,7}-\d"),
}


class FactKind(StrEnum):
    """Where in a chart the concept is found."""

    CONDITION = "condition"
    MEDICATION = "medication"
    ALLERGY = "allergy"
    OBSERVATION = "observation"
    PROCEDURE = "procedure"


class MappedCode(StrictModel):
    """One code. `history`: it says 'in the past', whatever the entry's status; `absent`: it says 'not so'."""

    system: Literal["snomed", "icd-10-cm", "rxnorm", "loinc"]
    code: str
    display: str
    verification: Literal["data", "source", "memory"]  # data: occurs with this display in imported charts
    prefix: bool = False  # every code below it too (ICD-10-CM)
    history: bool = False
    absent: bool = False

    @property
    def uri(self) -> CodeSystem:
        """The system's address."""
        return CodeSystem[self.system.replace("-", "").upper()]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if SHAPES[self.uri].fullmatch(self.code) is None:
            raise ValueError(f"{self.code} is not a code of {self.system}")
        if self.prefix and self.system != "icd-10-cm":
            raise ValueError("only ICD-10-CM codes have prefixes")
        return self


class PositiveScore(Cited):
    """A total from which an instrument says that the concept is so; `sexes` whom the cut-off is for, or all."""

    instrument: RecordId
    at_least: float
    sexes: tuple[Literal["female", "male"], ...] = ()


class ConceptMap(Record):
    """A concept, the codes and words that mean it, and the question that settles it when nothing does.

    `words` are regular expressions, searched case-insensitively at word boundaries in an entry's text;
    `not_words` exclude (such as 'gestational'); `absent_words` say that it is not so ('no known allergies').
    They catch what is not coded, or coded otherwise. An entry about a relative is never one about the patient:
    only maps `about_relatives` look at such entries, and at no others. `totals_of`: instruments whose total,
    entered here, is a value of the concept; `positive_by`: those whose total says whether it is so.
    """

    found_in: Annotated[tuple[FactKind, ...], Field(min_length=1)]
    codes: tuple[MappedCode, ...] = ()
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    absent_words: tuple[str, ...] = ()
    about_relatives: bool = False
    question: Text | None = None
    totals_of: tuple[RecordId, ...] = ()
    positive_by: tuple[PositiveScore, ...] = ()

    @field_validator("words", "not_words", "absent_words")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"'{pattern}' is not a pattern: {error}") from error
        return patterns

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not self.codes and not self.words and self.question is None:
            raise ValueError("a concept needs codes, words or a question")
        return self
