"""Medicines, and other treatments, that a history of treatment can name: a class in a record."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text


class NamedTreatment(StrictModel):
    """One of the class; `also` are other names it is found by in a chart."""

    id: RecordId
    name: Text
    also: tuple[str, ...] = ()


class TreatmentClass(Record):
    """`kind` says whether it is a class of medicines or the psychotherapies one can choose from.

    `drug_class` is the class as the staging methods know it; `usual_role` what its medicines are given for.
    """

    kind: Literal["drug", "psychotherapy"]
    drug_class: RecordId
    short: Text
    usual_role: Literal["main", "augmentation"] = "main"
    treatments: Annotated[tuple[NamedTreatment, ...], Field(min_length=1)]
    order: int

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        ids = [one.id for one in self.treatments]
        if len(ids) != len(set(ids)):
            raise ValueError("a treatment is named once")
        return self
