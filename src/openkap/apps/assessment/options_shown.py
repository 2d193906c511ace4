"""The decision aid in words: every number with what it means, about whom, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from openkap.apps.assessment.choosing import AidShown
from openkap.apps.assessment.models import OptionPrice
from openkap.apps.assessment.options_words import (
    CLAIMS,
    CONTROLS,
    DESIGNS,
    DIFFERS,
    ENDPOINTS,
    QUESTIONS,
    READ,
    UNSURE,
)
from openkap.core.assessment.options import (
    Arm,
    Comparison,
    Expected,
    Fit,
    Fitted,
    OptionFigures,
    fitted,
    of_hundred,
    said,
    telling_first,
)
from openkap.knowledge.schema.evidence import Endpoint, Evidence
from openkap.knowledge.schema.options import Claim
from openkap.knowledge.schema.record import Source, Text, Verification

LEVELS = 4
SHOWN_AT_ONCE = 2


def in_language(text: Text) -> str:
    """A knowledge text in the reader's language, else in English."""
    spanish = (get_language() or "en").startswith("es")
    return text.es if spanish and text.es else text.en


@dataclass(frozen=True)
class SourceShown:
    """Where a number or a statement stands."""

    citation: str
    locator: str
    read: str
    url: str = ""


@dataclass(frozen=True)
class FigureShown:
    """One published figure in words. `value`, `low` and `high` are people of 100, or days."""

    record: Evidence
    value: int
    low: int | None
    high: int | None
    meaning: str
    after: str
    arm: str
    between: str
    study: str
    who: str
    people: str
    definition: str
    how: str
    kind: str  # what it was measured against, in few words
    derived: str
    caveat: str
    fit: str
    fits: Fit
    source: SourceShown

    @property
    def in_days(self) -> bool:
        """A time instead of a number of people."""
        return self.record.statistic == "median-days"


@dataclass(frozen=True)
class ClaimShown:
    """One statement on an option."""

    words: str
    fine: str
    source: SourceShown


@dataclass(frozen=True)
class ClaimRow:
    """One row of an option: its statements; none means 'no figure found'."""

    name: str
    label: str
    claims: tuple[ClaimShown, ...]


@dataclass(frozen=True)
class PriceShown:
    """What it costs here."""

    amount: str
    note: str
    on: object


@dataclass(frozen=True)
class OptionShown:
    """One option as the page shows it."""

    id: str
    name: str
    what: str
    icon: str
    large: tuple[FigureShown, ...]
    others: tuple[FigureShown, ...]
    rows: tuple[ClaimRow, ...]
    price: PriceShown | None
    level: int
    boxes: tuple[bool, ...]
    word: str
    why: str
    waiting: int

    @property
    def response(self) -> FigureShown | None:
        """How many were much better."""
        return self._of(Endpoint.RESPONSE)

    @property
    def remission(self) -> FigureShown | None:
        """How many felt well again."""
        return self._of(Endpoint.REMISSION)

    @property
    def visits(self) -> tuple[ClaimShown, ...]:
        """How often one comes."""
        return next((row.claims for row in self.rows if row.name == "visits"), ())

    def _of(self, endpoint: Endpoint) -> FigureShown | None:
        return next((one for one in self.large if one.record.endpoint is endpoint), None)


@dataclass(frozen=True)
class ArmShown:
    """One picture of a comparison."""

    name: str
    detail: str  # what exactly was given, where the option's name does not say it
    icon: str
    figure: FigureShown


@dataclass(frozen=True)
class ComparisonShown:
    """Pictures that may stand side by side, and what they have in common."""

    question: str
    common: str
    arms: tuple[ArmShown, ...]
    missing: str
    unsure: bool


@dataclass(frozen=True)
class ExpectationShown:
    """One thing to know beforehand."""

    heading: str
    words: str
    drawn: FigureShown | None
    figures: tuple[FigureShown, ...]
    source: SourceShown | None


@dataclass(frozen=True)
class Page:
    """Everything the aid shows."""

    options: tuple[OptionShown, ...]
    without: tuple[OptionShown, ...]
    comparisons: tuple[ComparisonShown, ...]
    expectations: tuple[ExpectationShown, ...]
    waiting: int

    @property
    def telling(self) -> tuple[ComparisonShown, ...]:
        """Those shown at once."""
        return self.comparisons[:SHOWN_AT_ONCE]

    @property
    def further(self) -> list[tuple[str, list[ComparisonShown]]]:
        """Those a tap away, by what was counted."""
        by_question: dict[str, list[ComparisonShown]] = {}
        for one in self.comparisons[SHOWN_AT_ONCE:]:
            by_question.setdefault(one.question, []).append(one)
        return list(by_question.items())

    @property
    def all_options(self) -> tuple[OptionShown, ...]:
        """Those with figures, then those without."""
        return (*self.options, *self.without)


def page_of(aid: AidShown, prices: Mapping[str, OptionPrice]) -> Page:
    """The aid in the reader's language."""
    shown = tuple(_option(one, prices.get(one.option.id)) for one in aid.aid.options)
    return Page(
        options=tuple(one for one in shown if one.large),
        without=tuple(one for one in shown if not one.large),
        comparisons=tuple(_comparison(one, aid) for one in telling_first(aid.aid.comparisons)),
        expectations=tuple(_expectation(one, aid) for one in aid.aid.expectations),
        waiting=sum(one.waiting for one in shown),
    )


def figure_shown(one: Fitted) -> FigureShown:
    """A figure with its words."""
    figure = one.figure
    interval = figure.interval
    low, high = (of_hundred(interval.low), of_hundred(interval.high)) if interval else (None, None)
    return FigureShown(
        record=figure,
        value=of_hundred(figure.value),
        low=low,
        high=high,
        meaning=str(ENDPOINTS[figure.endpoint]),
        after=in_language(figure.after),
        arm=in_language(figure.arm),
        between=_between(low, high),
        study=f"{figure.study} {figure.year}",
        who=in_language(figure.who),
        people=_people(figure),
        definition=_definition(figure),
        how=f"{DESIGNS[figure.design]} {_against(figure)}",
        kind=str(CONTROLS[figure.control]),
        derived=_derived(figure),
        caveat=in_language(figure.caveat) if figure.caveat else "",
        fit=_fit(one),
        fits=one.fit,
        source=_source(figure.sources[0], figure.verification),
    )


def _definition(figure: Evidence) -> str:
    """How it was counted: 'MADRS: 10 or less'; reports without a measure by the threshold alone."""
    threshold = in_language(figure.threshold)
    if figure.measure in {"none", "reports", "pooled", "clinical"}:
        return _begun(threshold)
    return f"{figure.measure}: {threshold}"


def _between(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return _("No range was published.")
    return _("The true number is very likely between %(low)s and %(high)s.") % {"low": low, "high": high}


def _people(figure: Evidence) -> str:
    if figure.n is None:
        return _("The number of people is not stated.")
    if figure.n_of == "study":
        return ngettext("%(n)s person in the whole study", "%(n)s people in the whole study", figure.n) % {
            "n": figure.n
        }
    return ngettext("%(n)s person", "%(n)s people", figure.n) % {"n": figure.n}


def _against(figure: Evidence) -> str:
    return _("Measured %(against)s.") % {"against": CONTROLS[figure.control]}


def _derived(figure: Evidence) -> str:
    if figure.interval is None:
        return ""
    if figure.interval.derived == "wilson":
        return _("The range was worked out by OpenKAP from the number of people (Wilson).")
    return _("The range is as published.")


def _fit(one: Fitted) -> str:
    if one.differs:
        return "; ".join(str(DIFFERS[name]) for name in one.differs)
    return "; ".join(str(UNSURE[name]) for name in one.unsure)


def _source(source: Source, verification: Verification) -> SourceShown:
    url = source.url or (f"https://doi.org/{source.doi}" if source.doi else "")
    return SourceShown(source.citation, source.locator, str(READ[verification]), url)


def _option(one: OptionFigures, price: OptionPrice | None) -> OptionShown:
    option = one.option
    level = option.certainty.level if one.rated else 0
    rated = level > 0
    return OptionShown(
        id=option.id,
        name=in_language(option.name),
        what=in_language(option.what),
        icon=option.icon,
        large=tuple(figure_shown(part) for part in (one.response, one.remission) if part),
        others=tuple(figure_shown(part) for part in sorted(one.others, key=_fitting_first)),
        rows=tuple(
            ClaimRow(name, str(label), tuple(_claim(claim) for claim in one.claims[name]))
            for name, label in CLAIMS
        ),
        price=_price(price),
        level=level,
        boxes=tuple(number < level for number in range(LEVELS)),
        word=in_language(option.certainty.word) if rated else _("Not rated"),
        why=in_language(option.certainty.why) if rated else _("No figure, so no rating."),
        waiting=one.waiting,
    )


def _fitting_first(one: Fitted) -> int:
    return list(Fit).index(one.fit)


def _claim(claim: Claim) -> ClaimShown:
    fine = in_language(claim.fine) if claim.fine else ""
    return ClaimShown(in_language(claim.words), fine, _source(claim.source, claim.verification))


def _price(price: OptionPrice | None) -> PriceShown | None:
    if price is None or price.amount is None:
        return None
    amount = _("%(amount)s %(currency)s %(per)s") % {
        "amount": f"{price.amount:,.2f}".removesuffix(".00"),
        "currency": price.currency,
        "per": price.get_per_display(),
    }
    return PriceShown(amount, price.note, price.entered_at)


def _comparison(one: Comparison, aid: AidShown) -> ComparisonShown:
    first = one.arms[0].figure
    common = _("%(who)s, %(after)s. %(how)s") % {
        "who": _begun(in_language(first.who)),
        "after": in_language(first.after),
        "how": f"{DESIGNS[first.design]}",
    }
    names = [in_language(option.name) for option in one.missing]
    return ComparisonShown(
        question=str(QUESTIONS[one.endpoint]),
        common=common,
        arms=tuple(
            ArmShown(
                in_language(arm.option.name) if arm.option else _begun(in_language(arm.figure.arm)),
                _detail(arm),
                arm.option.icon if arm.option else "circle-dashed",
                figure_shown(fitted(arm.figure, aid.aid.circumstances)),
            )
            for arm in one.arms
        ),
        missing=", ".join(names),
        unsure=one.fit is Fit.UNKNOWN,
    )


def _begun(words: str) -> str:
    """With a capital first letter, the others as they are: ECT stays ECT."""
    return words[:1].upper() + words[1:]


def _detail(arm: Arm) -> str:
    """What was given, where the option's name does not say the same."""
    given = _begun(in_language(arm.figure.arm))
    return given if arm.option and given != in_language(arm.option.name) else ""


def _expectation(one: Expected, aid: AidShown) -> ExpectationShown:
    """Its figures keep their sources; how they fit this person is said where options are compared."""
    record = one.expectation
    figures = {
        name: replace(figure_shown(fitted(figure, aid.aid.circumstances)), fit="")
        for name, figure in (one.figures or {}).items()
    }
    own = None if record.figures else _source(record.sources[0], Verification.SOURCE)
    return ExpectationShown(
        heading=in_language(record.heading),
        words=said(one, get_language() or "en"),
        drawn=figures.get(record.draws) if record.draws else None,
        figures=tuple(figures.values()),
        source=own,
    )
