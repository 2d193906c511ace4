"""An instrument: what it asks, how it is scored and what its scores are called.

What a change of score means (remission, reliable change ...) is in `criterion.py`: those figures have other
sources than the form, and are signed off one by one.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from openkap.knowledge.schema.record import Record, StrictModel, Text
from openkap.knowledge.schema.values import Cited, Indication, ItemId, LoincCode


class Wording(StrEnum):
    """Whether the items' words are here."""

    SHIPPED = "shipped"  # the licence lets us distribute them
    LOCAL_PACK = "local-pack"  # a site may install them under its own licence
    SCORE_ONLY = "score-only"  # totals only


class Respondent(StrEnum):
    PATIENT = "patient"
    CLINICIAN = "clinician"


class Licence(StrictModel):
    """Why the wording may be distributed or not: the holder's words, and where and when they were read."""

    holder: str
    statement: str
    read_at: str
    read_on: date
    attribution: Text  # shown under the form and on print


class Choice(StrictModel):
    """One answer to choose, and the value it scores."""

    value: int
    label: Text
    loinc: LoincCode | None = None


class Item(StrictModel):
    """One question. `safety`: acts on the answer itself, and is never imputed."""

    id: ItemId
    text: Text | None = None
    choices: ItemId
    reverse: bool = False
    safety: bool = False
    loinc: LoincCode | None = None


class Missing(StrictModel):
    """When a total may be estimated: at most so many items missing, none of `required` among them."""

    at_most: Annotated[int, Field(ge=0)]
    required: tuple[ItemId, ...] = ()


class Range(StrictModel):
    """The lowest and highest score there is."""

    lowest: int
    highest: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.highest <= self.lowest:
            raise ValueError("highest must be above lowest")
        return self

    def __contains__(self, score: int) -> bool:
        return self.lowest <= score <= self.highest


class Band(StrictModel):
    """What scores from `at_least` up to the next band are called."""

    id: ItemId
    at_least: int
    label: Text


class Bands(Cited):
    """The bands of a score, lowest first, covering its whole range."""

    of: Annotated[tuple[Band, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        edges = [band.at_least for band in self.of]
        if edges != sorted(set(edges)):
            raise ValueError("bands must rise, each edge once")
        return self


class Subscale(StrictModel):
    """A score of some of the items."""

    id: ItemId
    title: Text
    items: Annotated[tuple[ItemId, ...], Field(min_length=1)]
    range: Range
    missing: Missing
    bands: Bands | None = None


class Loinc(StrictModel):
    """Codes of the form as a whole and of its total."""

    panel: LoincCode | None = None
    total: LoincCode | None = None


class Example(StrictModel):
    """A worked example: answers as written on the command line, and what must come out."""

    answers: str
    total: int | None
    band: ItemId | None = None
    subscales: dict[ItemId, int | None] = {}


class Instrument(Record):
    """One instrument in one form. A translation is words in `Text`; a changed item is a new version."""

    abbreviation: str
    wording: Wording
    licence_evidence: Licence | None = None
    respondent: Respondent
    main_for: tuple[Indication, ...] = ()  # indications in which it is shown before others
    recall_days: Annotated[int, Field(ge=0)]
    stem: Text | None = None
    choices: dict[ItemId, tuple[Choice, ...]] = {}
    items: tuple[Item, ...] = ()
    unscored_items: tuple[Item, ...] = ()
    range: Range
    higher_is_worse: bool = True
    has_total: bool = True
    missing: Missing | None = None
    bands: Bands | None = None
    subscales: tuple[Subscale, ...] = ()
    loinc: Loinc = Loinc()
    examples: tuple[Example, ...] = ()

    @property
    def total_entry_only(self) -> bool:
        """No items to answer: the total is entered from the licensed form."""
        return not self.items

    def choices_of(self, item: Item) -> tuple[Choice, ...]:
        """The answers an item offers."""
        return self.choices[item.choices]

    @model_validator(mode="after")
    def _words_have_a_licence(self) -> Self:
        worded = any(item.text for item in (*self.items, *self.unscored_items))
        if worded and (self.wording is not Wording.SHIPPED or self.licence_evidence is None):
            raise ValueError("items have words, so wording must be 'shipped' and licence_evidence given")
        if self.wording is Wording.SHIPPED and not all(item.text for item in self.items):
            raise ValueError("wording is 'shipped', so every item needs its text")
        return self

    @model_validator(mode="after")
    def _parts_exist(self) -> Self:
        ids = [item.id for item in (*self.items, *self.unscored_items)]
        if len(ids) != len(set(ids)):
            raise ValueError("item ids must differ")
        named = {i.choices for i in (*self.items, *self.unscored_items)}
        if named != set(self.choices):
            raise ValueError("every choice list must be used, and every one used must exist")
        scored = {item.id for item in self.items}
        for group in (self.missing, *(s.missing for s in self.subscales)):
            if group is not None and not set(group.required) <= scored:
                raise ValueError("a required item must be one of the scored items")
        if not {i for s in self.subscales for i in s.items} <= scored:
            raise ValueError("a subscale may use scored items only")
        return self

    @model_validator(mode="after")
    def _items_fill_the_range(self) -> Self:
        if not self.items:
            return self
        if self.missing is None:
            raise ValueError("items need a rule for missing ones")
        if self.has_total and _reach(self, [item.id for item in self.items]) != self.range:
            raise ValueError("the range is not what the items can add up to")
        if any(_reach(self, s.items) != s.range for s in self.subscales):
            raise ValueError("a subscale's range is not what its items can add up to")
        return self

    @model_validator(mode="after")
    def _bands_start_at_the_bottom(self) -> Self:
        for bands, reach in ((self.bands, self.range), *((s.bands, s.range) for s in self.subscales)):
            if bands and (bands.of[0].at_least != reach.lowest or bands.of[-1].at_least > reach.highest):
                raise ValueError("bands must cover the range from its lowest score")
        return self


def _reach(instrument: Instrument, items: tuple[str, ...] | list[str]) -> Range:
    chosen = [item for item in instrument.items if item.id in items]
    values = [[choice.value for choice in instrument.choices_of(item)] for item in chosen]
    return Range(lowest=sum(map(min, values)), highest=sum(map(max, values)))
