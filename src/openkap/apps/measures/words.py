"""What a change means, in words."""

import re
from dataclasses import dataclass
from math import floor

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from openkap.core.psychometrics import Change, Judgement
from openkap.core.psychometrics.scoring import HAS_NO_TOTAL
from openkap.knowledge.schema.instrument import Domain

_NEVER_ESTIMATED = re.compile(r"item (\S+) is missing and is never estimated")
_TOO_MANY_MISSING = re.compile(r"(\d+) items are missing; at most (\d+) may be")
LANGUAGE_NAMES = {"en": "English", "es": "Español"}  # each in itself
DOMAIN_WORDS = {
    Domain.DEPRESSION: _lazy("Depression"),
    Domain.ANXIETY: _lazy("Anxiety and worry"),
    Domain.PANIC: _lazy("Panic and agoraphobia"),
    Domain.SOCIAL_ANXIETY: _lazy("Social anxiety"),
    Domain.SPECIFIC_FEARS: _lazy("Specific fears"),
    Domain.TRAUMA: _lazy("Trauma"),
    Domain.SUICIDALITY: _lazy("Suicidal thoughts"),
    Domain.MANIA: _lazy("Mania"),
    Domain.SUBSTANCE_USE: _lazy("Alcohol and other drugs"),
    Domain.DISSOCIATION: _lazy("Dissociation"),
    Domain.EXPERIENCE: _lazy("The experience of a dose"),
    Domain.SIDE_EFFECTS: _lazy("Side effects"),
    Domain.BLADDER: _lazy("Bladder"),
    Domain.FUNCTION: _lazy("Daily life and work"),
    Domain.WELL_BEING: _lazy("Well-being"),
    Domain.ENJOYMENT: _lazy("Enjoyment"),
    Domain.RUMINATION: _lazy("Rumination and self-criticism"),
    Domain.SLEEP: _lazy("Sleep"),
    Domain.ALLIANCE: _lazy("Working together"),
    Domain.GLOBAL: _lazy("Overall"),
    Domain.LIFE: _lazy("The week"),
}


# What patients read over a questionnaire: never the name of an illness.
ASKS = {
    Domain.DEPRESSION: _lazy("How has your mood been?"),
    Domain.ANXIETY: _lazy("Worry and nerves"),
    Domain.PANIC: _lazy("Sudden fear"),
    Domain.SOCIAL_ANXIETY: _lazy("Being with people"),
    Domain.SPECIFIC_FEARS: _lazy("What you avoid"),
    Domain.TRAUMA: _lazy("Hard memories"),
    Domain.SUICIDALITY: _lazy("How safe you feel"),
    Domain.MANIA: _lazy("Energy and pace"),
    Domain.SUBSTANCE_USE: _lazy("Alcohol and other drugs"),
    Domain.DISSOCIATION: _lazy("Feeling near or far"),
    Domain.EXPERIENCE: _lazy("Your session"),
    Domain.SIDE_EFFECTS: _lazy("How your body took it"),
    Domain.BLADDER: _lazy("A short body check"),
    Domain.FUNCTION: _lazy("Daily life"),
    Domain.WELL_BEING: _lazy("How well you feel"),
    Domain.ENJOYMENT: _lazy("What you enjoy"),
    Domain.RUMINATION: _lazy("Thoughts that go round"),
    Domain.SLEEP: _lazy("Your sleep"),
    Domain.ALLIANCE: _lazy("How we work together"),
    Domain.GLOBAL: _lazy("How it is going"),
    Domain.LIFE: _lazy("Your week"),
}


@dataclass(frozen=True)
class Meaning:
    """One judgement to show: `status` picks icon and colour, `word` says it."""

    status: str
    word: str


def reason_in_words(reason: str) -> str:
    """Why there is no total, from what the scoring says of it."""
    if reason == HAS_NO_TOTAL:
        return _("It has no total; its parts are read one by one.")
    if found := _NEVER_ESTIMATED.fullmatch(reason):
        return _("Question %(item)s has no answer, and it is never estimated.") % {"item": found[1]}
    if found := _TOO_MANY_MISSING.fullmatch(reason):
        missing, most = int(found[1]), int(found[2])
        said = ngettext("%(n)s answer is missing", "%(n)s answers are missing", missing) % {"n": missing}
        return _("%(said)s; at most %(most)s may be.") % {"said": said, "most": most}
    return reason


def points_in_words(change: Change) -> str:
    """'down 11 points (61 %)'."""
    size = abs(change.points)
    if not size:
        return _("no change")
    points = ngettext("%(size)s point", "%(size)s points", size) % {"size": size}
    direction = _("down %(points)s") if change.points < 0 else _("up %(points)s")
    words = direction % {"points": points}
    if change.percent_improvement is None:
        return words
    percent = number_format(floor(abs(change.percent_improvement) + 0.5))
    return _("%(words)s (%(percent)s %%)") % {"words": words, "percent": percent}


def meanings_of(change: Change) -> list[Meaning]:
    """What the change means; what could not be judged is said, with its reason."""
    return [
        *_said(change.remission, Meaning("ok", _("Remission")), _("Remission")),
        *_said(change.response, Meaning("ok", _("Response")), _("Response")),
        *_reliable(change),
    ]


def standing_of(change: Change | None, *, is_baseline: bool, has_baseline: bool) -> Meaning:
    """Where the latest score stands, in one state: what got worse comes before what is well."""
    if is_baseline:
        return Meaning("planned", _("Baseline"))
    if change is None:
        return Meaning("unknown", _("Not comparable") if has_baseline else _("No baseline"))
    if change.deteriorated.met:
        return Meaning("over", _("Reliably worse"))
    if change.remission.met:
        return Meaning("ok", _("Remission range"))
    if change.response.met:
        return Meaning("ok", _("Response level"))
    return _reliable(change)[0]


def response_in_words(judgement: Judgement) -> Meaning:
    """Response at its endpoint: yes, no, or why it is not judged."""
    if judgement.met:
        return Meaning("ok", _("Response"))
    if judgement.met is False:
        return Meaning("info", _("No response"))
    if judgement.criterion_id is None:
        return Meaning("unknown", _("Response not established"))
    return Meaning("unknown", _("Not eligible: below caseness at baseline"))


def _reliable(change: Change) -> list[Meaning]:
    if change.reliable.met is None:
        return [Meaning("unknown", _("Reliable change not established"))]
    if change.deteriorated.met:
        return [Meaning("over", _("Reliably worse"))]
    if change.improved.met:
        return [Meaning("ok", _("Reliably better"))]
    return [Meaning("info", _("Within the measure's own error"))]


def _said(judgement: Judgement, met: Meaning, name: str) -> list[Meaning]:
    if judgement.met:
        return [met]
    if judgement.met is None and judgement.criterion_id is None:
        return [Meaning("unknown", _("%(name)s not established") % {"name": name})]
    if judgement.met is None:
        return [Meaning("unknown", _("Not eligible for %(name)s") % {"name": name.lower()})]
    return []
