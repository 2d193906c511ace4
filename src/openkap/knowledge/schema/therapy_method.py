"""Therapy methods: what a note can name, and what is known of them beside ketamine."""

from typing import Annotated, Literal

from pydantic import Field

from openkap.knowledge.schema.record import Record, Text


class TherapyMethod(Record):
    """A way of working in an integration visit."""

    short: Annotated[str, Field(max_length=12)]  # what a timeline has room for
    with_ketamine: Literal["controlled-trial", "uncontrolled", "none"]
    with_ketamine_note: Text
    order: int
