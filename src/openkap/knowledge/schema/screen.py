"""A screen: questions a clinician asks to tell conditions apart, and what the answers point to.

Only our own questions, or results of a form a site has a licence for; no wording of a protected instrument.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.instrument import Range
from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text
from openkap.knowledge.schema.values import ItemId


class Choice(StrictModel):
    """One answer of a question that is not answered with yes or no."""

    id: ItemId
    label: Text


class Question(StrictModel):
    """Answered with yes, no or not known; or by one of `choices`; or by a whole number of `range`."""

    id: ItemId
    text: Text
    help: Text | None = None
    choices: tuple[Choice, ...] = ()
    range: Range | None = None
    decides: bool = True  # otherwise it is noted only

    @model_validator(mode="after")
    def _one_kind_of_answer(self) -> Self:
        if self.choices and self.range:
            raise ValueError("give choices or a range")
        return self


class Says(StrictModel):
    """A test of one answer: `answer` is one of these, or the number is `at_least`."""

    question: ItemId
    answer: Annotated[tuple[ItemId, ...], Field(min_length=1)] | None = None
    at_least: int | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if (self.answer is None) == (self.at_least is None):
            raise ValueError("give either answer or at_least")
        return self


class PointsTo(StrictModel):
    """What the answers point to when all tests of any one group hold.

    `concept`: the concept map the result is a fact of, for the rules. `condition`: the condition it speaks for.
    """

    id: ItemId
    label: Text
    any_of: Annotated[tuple[Annotated[tuple[Says, ...], Field(min_length=1)], ...], Field(min_length=1)]
    concept: RecordId | None = None
    condition: str | None = None


class ScreenExample(StrictModel):
    """Answers as given, and for each outcome whether it is pointed to; null: not known."""

    name: str
    replies: dict[ItemId, str | int]
    expect: dict[ItemId, bool | None]


class TotalFrom(StrictModel):
    """The question that asks for an instrument's total: one entered as a measure answers it."""

    instrument: RecordId
    question: ItemId


class Screen(Record):
    """`about` is what it helps to decide; `asks` puts screens in the order they are asked."""

    about: Literal["bipolar", "psychosis", "cause", "condition"]
    kind: Literal["own-questions", "result-of-licensed-form"]
    intro: Text
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[PointsTo, ...], Field(min_length=1)]
    order: int
    total_from: TotalFrom | None = None
    examples: Annotated[tuple[ScreenExample, ...], Field(min_length=2)]

    def question(self, question_id: str) -> Question:
        """One of its questions."""
        return next(one for one in self.questions if one.id == question_id)

    @model_validator(mode="after")
    def _tests_fit_their_questions(self) -> Self:
        known = {question.id: question for question in self.questions}
        if self.total_from and self.total_from.question not in known:
            raise ValueError(f"{self.total_from.question} is no question of this screen")
        for test in (test for outcome in self.outcomes for group in outcome.any_of for test in group):
            question = known.get(test.question)
            if question is None or not question.decides:
                raise ValueError(f"{test.question} is no question that decides")
            allowed = {choice.id for choice in question.choices} or {"yes", "no"}
            if (question.range is None) != (test.at_least is None) or not set(test.answer or ()) <= allowed:
                raise ValueError(f"{test.question} is not answered so")
        return self

    @model_validator(mode="after")
    def _examples_cover(self) -> Self:
        for outcome in self.outcomes:
            seen = {example.expect.get(outcome.id, False) for example in self.examples}
            if not {True, False} <= seen:
                raise ValueError(f"examples must show {outcome.id} pointed to and not")
        return self
