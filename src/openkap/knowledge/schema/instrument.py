"""An instrument: what it asks, how it is scored and what its scores are called.

What a change of score means (remission, reliable change ...) is in `criterion.py`: those figures have other
sources than the form, and are signed off one by one.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

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


class Domain(StrEnum):
    """What it is about; the order in which lists show them."""

    DEPRESSION = "depression"
    ANXIETY = "anxiety"
    PANIC = "panic"
    SOCIAL_ANXIETY = "social-anxiety"
    SPECIFIC_FEARS = "specific-fears"
    TRAUMA = "trauma"
    SUICIDALITY = "suicidality"
    MANIA = "mania"
    SUBSTANCE_USE = "substance-use"
    DISSOCIATION = "dissociation"
    EXPERIENCE = "experience"  # of a dose, and what was made of it
    SIDE_EFFECTS = "side-effects"
    BLADDER = "bladder"
    FUNCTION = "function"
    WELL_BEING = "well-being"
    ENJOYMENT = "enjoyment"
    RUMINATION = "rumination"
    SLEEP = "sleep"
    ALLIANCE = "alliance"
    GLOBAL = "global"
    LIFE = "life"  # sleep, movement, food, company, drink and drugs, strain: by the week


class Licence(StrictModel):
    """Why the wording may be distributed or not: the holder's words, and where and when they were read."""

    holder: str
    statement: str
    read_at: str
    read_on: date
    attribution: Text  # shown under the form and on print


Points = int | float  # a score; whole unless the instrument says how many decimals it has


class Choice(StrictModel):
    """One answer to choose, and the value it scores."""

    value: int
    label: Text
    loinc: LoincCode | None = None


class Scale(StrictModel):
    """Whole numbers to choose from, with words at both ends."""

    lowest: int
    highest: int
    step: Annotated[int, Field(ge=1)] = 1
    low: Text
    high: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.highest <= self.lowest or (self.highest - self.lowest) % self.step:
            raise ValueError("a scale rises from lowest to highest in whole steps")
        return self

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Each number as an answer to choose."""
        numbers = range(self.lowest, self.highest + 1, self.step)
        return tuple(Choice(value=n, label=Text(en=str(n), es=str(n))) for n in numbers)


class AtLeast(StrictModel):
    """At least `count` of the items named in `of` were answered with at least the value given there.

    Values are those chosen, before any reversal. With `or_refused` a refusal counts as reached.
    """

    of: Annotated[dict[ItemId, int], Field(min_length=1)]
    count: Annotated[int, Field(ge=1)] = 1
    or_refused: bool = False

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.count > len(self.of):
            raise ValueError("count is above the number of items")
        return self


class ScoreFrom(StrictModel):
    """The total, or a subscale, lies at or above `at_least` and under `below`."""

    score: ItemId | Literal["total"]
    at_least: Points | None = None
    below: Points | None = None


class Outcome(StrictModel):
    """What a filled form says beside its score, such as a positive screen: when all of the conditions hold."""

    id: ItemId
    label: Text
    all_of: tuple[AtLeast | ScoreFrom, ...] = ()


class Outcomes(Cited):
    """The outcomes of a form; the first that holds counts. One without conditions is what else it says."""

    of: Annotated[tuple[Outcome, ...], Field(min_length=1)]


class Item(StrictModel):
    """One question. `safety`: acts on the answer itself, and is never imputed.

    `asked_when`: otherwise it is not put to the person, and scores its lowest value. `lead`: words over this
    question in place of the stem. `counts`: false where it only opens others and adds nothing to the score.
    """

    id: ItemId
    lead: Text | None = None
    text: Text | None = None
    choices: ItemId
    reverse: bool = False
    safety: bool = False
    counts: bool = True
    asked_when: AtLeast | None = None
    loinc: LoincCode | None = None


class Missing(StrictModel):
    """When a total may be estimated: at most so many items missing, none of `required` among them."""

    at_most: Annotated[int, Field(ge=0)]
    required: tuple[ItemId, ...] = ()


class Range(StrictModel):
    """The lowest and highest score there is."""

    lowest: Points
    highest: Points

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.highest <= self.lowest:
            raise ValueError("highest must be above lowest")
        return self

    def __contains__(self, score: Points) -> bool:
        return self.lowest <= score <= self.highest


class Band(StrictModel):
    """What scores from `at_least` up to the next band are called."""

    id: ItemId
    at_least: Points
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
    """A score of some of the items; without items here, one that is entered as the total is."""

    id: ItemId
    title: Text
    items: tuple[ItemId, ...] = ()
    range: Range
    missing: Missing | None = None
    bands: Bands | None = None


class Loinc(StrictModel):
    """Codes of the form as a whole and of its total."""

    panel: LoincCode | None = None
    total: LoincCode | None = None


class Example(StrictModel):
    """A worked example: what was answered, as written on the command line, or entered, and what must come out.

    `entered` and `parts` are a total and subscales from a form scored elsewhere. `refused`: it must not be
    taken. `raised` names the safety items that speak, where the example says so. `published_in`: where it was
    read; otherwise it was worked by hand.
    """

    answers: str | None = None
    entered: Points | None = None
    parts: dict[ItemId, Points] = {}
    refused: bool = False
    total: Points | None = None
    band: ItemId | None = None
    outcome: ItemId | None = None
    subscales: dict[ItemId, Points | None] = {}
    part_bands: dict[ItemId, ItemId] = {}
    raised: tuple[ItemId, ...] | None = None
    published_in: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.answers is None) == (self.entered is None and not self.parts):
            raise ValueError("an example has either answers or what was entered")
        return self


class Scoring(StrEnum):
    """How answers become a score."""

    SUM = "sum"
    MEAN = "mean"  # of the items answered
    PERCENT = "percent"  # of the highest that the items answered can add up to, above their lowest


class Instrument(Record):
    """One instrument in one form. A translation is words in `Text`; a changed item is a new version.

    `decimals`: places after the point of a score. `minutes`: what filling it in takes.
    """

    READ_LATER: ClassVar[str | None] = "examples"

    abbreviation: str
    wording: Wording
    licence_evidence: Licence | None = None
    respondent: Respondent
    domain: Domain
    main_for: tuple[Indication, ...] = ()  # indications in which it is shown before others
    minutes: Annotated[float, Field(gt=0)]
    recall_days: Annotated[int, Field(ge=0)]
    ahead_days: Annotated[int, Field(ge=0)] = 3  # so long before its visit it is asked for; 0: that day only
    stem: Text | None = None
    choices: dict[ItemId, tuple[Choice, ...]] = {}
    scales: dict[ItemId, Scale] = {}
    items: tuple[Item, ...] = ()
    unscored_items: tuple[Item, ...] = ()
    scoring: Scoring = Scoring.SUM
    decimals: Annotated[int, Field(ge=0, le=2)] = 0
    range: Range
    higher_is_worse: bool = True
    has_total: bool = True
    trended: bool = True  # false for screens and triage, which are read one by one
    missing: Missing | None = None
    bands: Bands | None = None
    subscales: tuple[Subscale, ...] = ()
    outcomes: Outcomes | None = None
    loinc: Loinc = Loinc()
    examples: tuple[Example, ...] = ()  # read by `loader.read_whole` only

    @property
    def total_entry_only(self) -> bool:
        """No items to answer: the total is entered from the licensed form."""
        return not self.items

    def choices_of(self, item: Item) -> tuple[Choice, ...]:
        """The answers an item offers."""
        scale = self.scales.get(item.choices)
        return scale.choices if scale else self.choices[item.choices]

    @model_validator(mode="after")
    def _words_have_a_licence(self) -> Self:
        worded = any(item.text for item in (*self.items, *self.unscored_items))
        if worded and (self.wording is Wording.SCORE_ONLY or self.licence_evidence is None):
            raise ValueError("items have words: wording may not be 'score-only', licence_evidence is needed")
        if self.wording is not Wording.SCORE_ONLY and not all(item.text for item in self.items):
            raise ValueError("every item needs its text")
        return self

    @model_validator(mode="after")
    def _parts_exist(self) -> Self:
        ids = [item.id for item in (*self.items, *self.unscored_items)]
        if len(ids) != len(set(ids)):
            raise ValueError("item ids must differ")
        named = {i.choices for i in (*self.items, *self.unscored_items)}
        if named != {*self.choices, *self.scales} or set(self.choices) & set(self.scales):
            raise ValueError("every list of choices and scale must be used, and every one used must exist once")
        scored = {item.id for item in self.items}
        for group in (self.missing, *(s.missing for s in self.subscales)):
            if group is not None and not set(group.required) <= scored:
                raise ValueError("a required item must be one of the scored items")
        if not {i for s in self.subscales for i in s.items} <= {i.id for i in self.items if i.counts}:
            raise ValueError("a subscale may use scored items only")
        return self

    @model_validator(mode="after")
    def _conditions_can_be_read(self) -> Self:
        before: set[str] = set()
        for item in self.items:
            if item.asked_when and not set(item.asked_when.of) <= before:
                raise ValueError(f"whether item {item.id} is asked depends on items that do not come before it")
            before.add(item.id)
        scores = {"total", *(subscale.id for subscale in self.subscales)}
        for outcome in self.outcomes.of if self.outcomes else ():
            for condition in outcome.all_of:
                named = {condition.score} if isinstance(condition, ScoreFrom) else set(condition.of)
                if not named <= (scores if isinstance(condition, ScoreFrom) else before):
                    raise ValueError(f"outcome {outcome.id} names an item or a score that is not there")
        return self

    @model_validator(mode="after")
    def _items_fill_the_range(self) -> Self:
        if not self.items:
            return self
        if self.missing is None or any(not s.items or s.missing is None for s in self.subscales):
            raise ValueError("items need a rule for missing ones, and subscales theirs")
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
    chosen = [item for item in instrument.items if item.counts and item.id in items]
    values = [[choice.value for choice in instrument.choices_of(item)] for item in chosen]
    if instrument.scoring is Scoring.PERCENT:
        return Range(lowest=0, highest=100)
    if instrument.scoring is Scoring.MEAN:
        return Range(lowest=min(map(min, values)), highest=max(map(max, values)))
    return Range(lowest=sum(map(min, values)), highest=sum(map(max, values)))
