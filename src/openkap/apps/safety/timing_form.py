"""The site's own times of the pathway, as the medical director enters them: a row for each of the record's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.chart.forms import in_language
from openkap.apps.safety.operations import NewTiming
from openkap.core.assessment.risk_timing import (
    AGAIN,
    ALERT,
    REVIEW,
    STANDING,
    Timing,
    decision_key,
    step_key,
)
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.risk_pathway import Opens, Steps
from openkap.knowledge.schema.risk_response import RiskResponse

SETS = {
    Opens.ACUTE: _("Thoughts of suicide now"),
    Opens.HIGH: pgettext_lazy("suicide risk", "High"),
    Opens.MODERATE: pgettext_lazy("suicide risk", "Moderate"),
    Opens.LOW: pgettext_lazy("suicide risk", "Low"),
    Opens.NOT_ACUTE: _("Positive, not acute"),
}
AN_HOUR, A_DAY = 60, 24 * 60
PLACES = 3  # roles that an alert can go on to, one after the other


@dataclass(frozen=True)
class Line:
    """One thing with its minutes and roles: the record's, and the fields of the site's own."""

    words: str
    record_time: str
    record_roles: str
    verification: str
    minutes: forms.BoundField
    roles: list[forms.BoundField]


class TimingForm(forms.Form):
    """All minutes and roles; what differs from the record becomes the site's own."""

    review_hour = forms.IntegerField(
        label=_("Unchanged answers are looked at by this hour of the day"),
        min_value=1,
        max_value=24,
        help_text=_("On the site's clock; 24 is the end of the day."),
    )
    effective_from = forms.DateField(label=_("Holds from"), widget=forms.DateInput({"type": "date"}))
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea({"rows": 3}))
    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        known: KnowledgeSet,
        now: Timing,
        today: date,
        version: int,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        initial = {"review_hour": now.review_hour, "effective_from": today, "based_on": version}
        super().__init__(data, initial=initial)
        self._known = known
        self._words = dict(_words(known))
        self.loose: tuple[str, ...] = ()
        for key, minutes in now.minutes.items():
            self.fields[_name(key)] = forms.IntegerField(
                label=_("Minutes"), min_value=1, initial=minutes, widget=forms.NumberInput({"min": 1})
            )
        for key, roles in now.roles.items():
            for place in range(PLACES if key == ALERT else 1):
                self.fields[_name(key, place)] = forms.ChoiceField(
                    label=_("Then to"),
                    required=False,
                    initial=roles[place] if place < len(roles) else "",
                    choices=[("", _("nobody")), *((role, ROLE_NAMES[Role(role)]) for role in STANDING)],
                )

    def ask_to_sign(self, keys: tuple[str, ...]) -> None:
        """Show what is looser than the record, each to be signed by itself."""
        self.loose = keys
        self.fields["signed"] = forms.MultipleChoiceField(
            label=_("These ask less than the record. I sign each of them for this site:"),
            choices=[(key, self._words.get(key, key)) for key in keys],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def wanted(self) -> NewTiming:
        """What was entered."""
        said = self.cleaned_data
        minutes = {key: said[_name(key)] for key in self._words if _name(key) in said}
        roles = {
            key: tuple(dict.fromkeys(filter(None, (said.get(_name(key, n), "") for n in range(PLACES)))))
            for key in self._words
            if _name(key, 0) in said
        }
        data: Any = self.data
        signed = data.getlist("signed") if hasattr(data, "getlist") else []
        return NewTiming(
            minutes=minutes,
            roles=roles,
            review_hour=said["review_hour"],
            effective_from=said["effective_from"],
            reason=said["reason"],
            based_on=said["based_on"],
            signed=frozenset(signed),
        )

    def field_of(self, key: str | None) -> str | None:
        """The field of what an operation would not take."""
        if key in self.fields:
            return key
        return _name(key) if key and _name(key) in self.fields else None

    def groups(self, record: Timing) -> list[tuple[str, list[Line]]]:
        """The lines under their headings, for the page."""
        answers = next(iter(self._known.risk_responses.values()))
        found = [
            (gettext("An alert nobody answers"), [self._line(key, record, answers) for key in (ALERT, AGAIN)])
        ]
        for content in _sets(self._known):
            keys = [step_key(content.opens_on, step.id) for step in content.steps]
            lines = [self._line(key, record, step) for key, step in zip(keys, content.steps, strict=True)]
            if content.decision_within_minutes is not None:
                lines.append(self._line(decision_key(content.opens_on), record, answers))
            found.append((str(SETS[content.opens_on]), lines))
        return found

    def _line(self, key: str, record: Timing, source: Any) -> Line:
        names = [_name(key, place) for place in range(PLACES)]
        # What is to be done may have been read somewhere; the minutes and roles are conventions throughout.
        verification = source.verification if isinstance(source, RiskResponse) else "convention"
        return Line(
            words=self._words[key],
            record_time=_span(record.minutes[key]),
            record_roles=", ".join(str(ROLE_NAMES[Role(role)]) for role in record.roles.get(key, ())),
            verification=str(verification),
            minutes=self[_name(key)],
            roles=[self[name] for name in names if name in self.fields],
        )


def _span(minutes: int) -> str:
    """Minutes as people say them."""
    if minutes % A_DAY == 0 and minutes > A_DAY:
        return gettext("%(n)d days") % {"n": minutes // A_DAY}
    if minutes % AN_HOUR == 0 and minutes > AN_HOUR:
        return gettext("%(n)d h") % {"n": minutes // AN_HOUR}
    return gettext("%(n)d min") % {"n": minutes}


def key_words(known: KnowledgeSet) -> dict[str, str]:
    """What each key is, in words."""
    return dict(_words(known))


def _words(known: KnowledgeSet) -> Iterator[tuple[str, str]]:
    yield ALERT, gettext("It goes on when nobody answered for")
    yield AGAIN, gettext("The last of them are called again every")
    for content in _sets(known):
        for step in content.steps:
            yield step_key(content.opens_on, step.id), in_language(step.words)
        if content.decision_within_minutes is not None:
            yield decision_key(content.opens_on), gettext("The psychiatrist's decision on dosing")
    yield REVIEW, gettext("Unchanged answers are looked at by this hour of the day")


def _sets(known: KnowledgeSet) -> list[Steps]:
    found = {
        one.content.opens_on: one.content
        for one in known.risk_pathways.values()
        if isinstance(one.content, Steps)
    }
    return [found[opens] for opens in SETS if opens in found]


def _name(key: str, place: int | None = None) -> str:
    """A key as the name of a field."""
    return key.replace(":", "__") if place is None else f"{key.replace(':', '__')}__to{place}"
