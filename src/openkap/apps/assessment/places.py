"""Where what a finding lacks is entered: a step of the assessment, a form, the record, a questionnaire."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.assessment.forms import AnswersForm
from openkap.apps.chart.forms import in_language
from openkap.core.assessment import Finding, FindingAction
from openkap.core.assessment.assess import SITE_DECISION, concepts_of
from openkap.core.assessment.history import ANXIETY, FOUR_TRIALS, RESISTANCE
from openkap.core.assessment.person import BIRTH_DATE, SEX
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.concept_map import FactKind

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

OF_TREATMENTS = frozenset({RESISTANCE, FOUR_TRIALS, ANXIETY})


@dataclass(frozen=True)
class Place:
    """A link, in words, to where one thing is entered."""

    words: str
    address: str


def places_of(
    finding: Finding, knowledge: KnowledgeSet, patient: "Patient", questions: Mapping[str, str]
) -> list[Place]:
    """Where to go for what this finding lacks; `questions` are those of the form on the same page.

    A task names what is to be taken, so it leads to the questionnaire although nothing is unknown.
    """
    if finding.needs == SITE_DECISION:
        return [Place(_("Decide it in Knowledge"), f"/knowledge/{finding.rule_id}/")]
    if finding.rule_id in knowledge.clearance_items:
        item = reverse("assessment:clearance-item", args=[patient.public_id, finding.rule_id])
        return [Place(_("Note a result"), item)]
    lacking: Iterable[str] = finding.asks
    if finding.action is FindingAction.TASK and finding.rule_id in knowledge.rules:
        lacking = [
            name
            for name in concepts_of(knowledge.rules[finding.rule_id].when)
            if knowledge.concept_maps[name].totals_of
        ]
    found = (place for concept in lacking for place in _places(concept, knowledge, patient, questions))
    return list(dict.fromkeys(found))


def _places(
    concept: str, knowledge: KnowledgeSet, patient: "Patient", questions: Mapping[str, str]
) -> Iterator[Place]:
    who = patient.public_id
    if concept in {BIRTH_DATE, SEX}:
        yield Place(_("Correct the details"), reverse("people:details", args=[who]))
    elif concept in OF_TREATMENTS:
        yield Place(_("Enter what was tried"), reverse("assessment:history", args=[who]))
    elif screens := _screens(concept, knowledge):
        for title, screen_id in screens:
            yield Place(title, reverse("assessment:screen", args=[who, screen_id]))
    elif concept in questions:
        yield Place(_("Answer it"), f"#{AnswersForm.ids}-{concept}_0")
    elif instruments := knowledge.concept_maps[concept].totals_of:
        for instrument in instruments:
            name = knowledge.instruments[instrument].abbreviation
            words = _("Enter a %(name)s") % {"name": name}
            yield Place(words, reverse("measures:enter", args=[who, instrument]))
    elif FactKind.OBSERVATION in knowledge.concept_maps[concept].found_in:
        yield Place(_("Enter a value"), reverse("chart:record", args=[who]) + "#enter-title")


def _screens(concept: str, knowledge: KnowledgeSet) -> list[tuple[str, str]]:
    """The screens of our own that settle it, by title and id; a licensed form may be left out."""
    return [
        (in_language(screen.title), screen.id)
        for screen in knowledge.screens.values()
        if screen.kind == "own-questions" and concept in {one.concept for one in screen.outcomes}
    ]
