"""The library of questionnaires: what is here, in whose words, and everything about one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from openkap.apps.measures.queries import words
from openkap.apps.measures.words import DOMAIN_WORDS, LANGUAGE_NAMES
from openkap.apps.people.stages import Indication
from openkap.core.psychometrics import languages_of, reliable_change_points
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.cadence import Cadence, Line
from openkap.knowledge.schema.criterion import Criterion, CriterionKind
from openkap.knowledge.schema.instrument import (
    Bands,
    Domain,
    Instrument,
    Item,
    Missing,
    Points,
    Range,
    Respondent,
    Scoring,
    Wording,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise

WORDS_STATE: Mapping[Wording, tuple[str, "Words"]] = {
    Wording.SHIPPED: ("ok", _lazy("Words here")),
    Wording.LOCAL_PACK: ("ok", _lazy("Licensed here")),
    Wording.SCORE_ONLY: ("info", _lazy("Score only")),
}
SCORED_AS: Mapping[Scoring, "Words"] = {
    Scoring.SUM: _lazy("The sum of the answers"),
    Scoring.MEAN: _lazy("The mean of the answers"),
    Scoring.PERCENT: _lazy("Percent of the most the answers can add up to"),
}
FIGURES: Mapping[CriterionKind, "Words"] = {
    CriterionKind.CASENESS: _lazy("Ill enough to judge response"),
    CriterionKind.RESPONSE: _lazy("Response"),
    CriterionKind.REMISSION: _lazy("Remission"),
    CriterionKind.RELIABLE_CHANGE: _lazy("Reliable change"),
}


@dataclass(frozen=True)
class Shelved:
    """One instrument in the list."""

    instrument: Instrument
    title: str
    status: str
    words: "Words"
    takes: str
    recall: str
    languages: tuple[str, ...]
    main_for: tuple[str, ...]


@dataclass(frozen=True)
class BandRow:
    """A band with its lowest and highest score."""

    label: str
    lowest: Points
    highest: Points


@dataclass(frozen=True)
class Figure:
    """What a change or a score is judged by; without a record there is no figure."""

    name: "Words"
    said: str
    criterion: Criterion | None
    status: str
    state: "Words"


def shelf(known: Iterable[Instrument], wanted: Mapping[str, str]) -> list[tuple["Words", list[Shelved]]]:
    """What `wanted` (the cleaned `LibraryForm`) leaves, by what it is about."""
    order = list(Domain)
    kept = [one for one in known if _fits(one, wanted)]
    kept.sort(key=lambda one: (order.index(one.domain), one.wording is Wording.SCORE_ONLY, one.abbreviation))
    return [
        (DOMAIN_WORDS[domain], [shelved(one) for one in found])
        for domain, found in groupby(kept, lambda one: one.domain)
    ]


def shelved(one: Instrument) -> Shelved:
    """One instrument as lists show it."""
    status, state = WORDS_STATE[one.wording]
    return Shelved(
        one, words(one.title), status, state, takes_in_words(one), recall_in_words(one.recall_days),
        tuple(LANGUAGE_NAMES[code] for code in there(one)),
        tuple(str(Indication(indication).label) for indication in one.main_for),
    )  # fmt: skip


def _fits(one: Instrument, wanted: Mapping[str, str]) -> bool:
    held = {"about": one.domain.value, "words": one.wording.value, "by": one.respondent.value}
    if any(wanted.get(name) and wanted[name] != value for name, value in held.items()):
        return False
    if wanted.get("main_for") and wanted["main_for"] not in one.main_for:
        return False
    if wanted.get("language") and wanted["language"] not in there(one):
        return False
    said = f"{one.id} {one.abbreviation} {one.title.en} {one.title.es or ''} {one.notes}".casefold()
    return all(word in said for word in wanted.get("q", "").casefold().split())


def there(one: Instrument) -> tuple[str, ...]:
    """The languages in which its words are here; none without words."""
    return languages_of(one) if one.items else ()


def takes_in_words(one: Instrument) -> str:
    """How long it takes; '30 s' under a minute."""
    if one.minutes < 1:
        return _("%(seconds)s s") % {"seconds": round(one.minutes * 60)}
    return _("%(minutes)s min") % {"minutes": round(one.minutes)}


def recall_in_words(days: int) -> str:
    """The time it asks about."""
    if days == 0:
        return _("no set time")
    return ngettext("the last day", "the last %(days)s days", days) % {"days": days}


def respondent_in_words(one: Instrument) -> str:
    """Who answers it."""
    return _("a clinician rates") if one.respondent is Respondent.CLINICIAN else _("the person answers")


def missing_in_words(rule: Missing | None) -> str:
    """What happens when answers are missing."""
    if rule is None:
        return ""
    if rule.at_most == 0:
        said = _("With an answer missing there is no score.")
    else:
        said = ngettext(
            "One answer may be missing: the others stand for it.",
            "Up to %(n)s answers may be missing: the others stand for them.",
            rule.at_most,
        ) % {"n": rule.at_most}
    if rule.required and rule.at_most:
        said += " " + _("Never estimated: %(items)s.") % {"items": ", ".join(rule.required)}
    return said


def band_rows(bands: Bands | None, reach: Range, decimals: int) -> list[BandRow]:
    """The bands, each up to the last score before the next."""
    if bands is None:
        return []
    unit = 10**-decimals if decimals else 1
    ends = [round(band.at_least - unit, decimals) if decimals else band.at_least - 1 for band in bands.of[1:]]
    return [
        BandRow(words(band.label), band.at_least, end)
        for band, end in zip(bands.of, [*ends, reach.highest], strict=True)
    ]


def figures_of(known: KnowledgeSet, one: Instrument) -> list[Figure]:
    """Every figure there is, and the kinds for which there is none."""
    held = [criterion for criterion in known.criteria.values() if criterion.instrument == one.id]
    found = []
    for kind, name in FIGURES.items():
        of_kind = [criterion for criterion in held if criterion.kind is kind]
        found += [_figure(known, one, criterion) for criterion in of_kind]
        if not of_kind:
            found.append(Figure(name, _("not established"), None, "unknown", _("no figure with a source")))
    return found


def _figure(known: KnowledgeSet, one: Instrument, criterion: Criterion) -> Figure:
    active = known.state(criterion.id) is State.ACTIVE
    state = _("in use here") if active else _("waits for the medical director")
    if known.decision(criterion.id) is False:
        state = _("declined here")
    return Figure(
        FIGURES[criterion.kind], _said(one, criterion), criterion, "ok" if active else "due", state
    )  # fmt: skip


def _said(one: Instrument, criterion: Criterion) -> str:
    figure = f"{round(reliable_change_points(criterion), 2):g}"
    match criterion.kind:
        case CriterionKind.RESPONSE:
            return _("%(figure)s %% better than at baseline") % {"figure": figure}
        case CriterionKind.RELIABLE_CHANGE:
            return _("%(figure)s points either way") % {"figure": figure}
        case CriterionKind.CASENESS:
            upwards = one.higher_is_worse
        case _:
            upwards = not one.higher_is_worse
    text = _("%(figure)s or more") if upwards else _("%(figure)s or less")
    return text % {"figure": figure}


def asked_by(known: KnowledgeSet, one: Instrument) -> list[tuple[Cadence, list[Line]]]:
    """The records by which patients or clinicians are asked for it, with their lines."""
    found = [
        (cadence, [line for line in cadence.lines if one.id in line.instruments])
        for cadence in known.cadences.values()
    ]
    return [(cadence, lines) for cadence, lines in found if lines]


def turned_round(one: Instrument) -> str:
    """The numbers of the items that count the other way round."""
    return ", ".join(item.id for item in one.items if item.reverse)


def watched(one: Instrument) -> tuple[Item, ...]:
    """The items whose answers reach a person at once."""
    return tuple(item for item in one.items if item.safety)
