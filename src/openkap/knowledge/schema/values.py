"""Values that records of several kinds hold."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from openkap.knowledge.schema.record import Source, StrictModel, Verification
from openkap.units import BadUnit, canonical_unit


def _known_unit(text: str) -> str:
    try:
        return canonical_unit(text)
    except BadUnit as error:
        raise ValueError(str(error)) from error  # the one kind of error by which pydantic names the field


Unit = Annotated[str, AfterValidator(_known_unit)]  # a UCUM code, or a spelling that leads to one
Indication = Literal["trd", "mdd", "mdd-si", "gad", "panic", "agoraphobia", "sad", "ptsd"]
ItemId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
LoincCode = Annotated[str, Field(pattern=r"^(LA)?\d{1,7}-\d$")]


class Cited(StrictModel):
    """A figure with where it stands; `verification` is of this figure, not of the whole record."""

    source: Source
    verification: Verification
