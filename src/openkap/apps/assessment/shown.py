"""Findings as a page shows them: reason, fact, rule with its authority, source with its verification."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openkap.apps.access import queries as access
from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.assessment.judging import Judged, can_be_set_aside
from openkap.apps.assessment.places import Place, places_of
from openkap.apps.chart.forms import in_language
from openkap.apps.chart.words import date_as_recorded
from openkap.core.assessment import Fact, FactStatus, Finding, FindingAction, RuleRef
from openkap.core.assessment.assess import notable
from openkap.core.assessment.scores import SCORE_UNIT
from openkap.knowledge.schema.concept_map import FactKind
from openkap.knowledge.schema.record import Authority, Source, Verification

if TYPE_CHECKING:
    from openkap.apps.access.models import User
    from openkap.apps.people.models import Patient

AUTHORITIES: dict[Authority, str | Promise] = {
    Authority.LABEL: _("Label"),
    Authority.GUIDELINE: _("Guideline"),
    Authority.TRIAL_EXCLUSION: _("Trial exclusion"),
    Authority.SERVICE_POLICY: _("Service policy"),
    Authority.CONVENTION: _("Convention"),
}
VERIFICATIONS: dict[Verification, str | Promise] = {
    Verification.SOURCE: _("read in source"),
    Verification.SECONDARY: _("secondary"),
    Verification.MEMORY: _("from memory"),
    Verification.CONVENTION: _("convention"),
}
STATUSES: dict[FactStatus, str | Promise] = {
    FactStatus.ACTIVE: _("active"),
    FactStatus.RESOLVED: _("resolved"),
    FactStatus.ABSENT: _("not so"),
    FactStatus.UNKNOWN: _("not known"),
}
BIRTH_DATE = "birth-date"  # the demographic fact of `core.assessment.birth_date`
GROUPS: dict[FindingAction, str] = {
    FindingAction.BLOCK: "blocked",
    FindingAction.HOLD: "needs",
    FindingAction.NEEDS: "needs",
    FindingAction.WARN: "warn",
    FindingAction.TASK: "warn",
    FindingAction.INFORM: "told",
}


@dataclass(frozen=True)
class ShownFact:
    """One fact in words, with its day and status."""

    text: str
    value: str
    status: str
    since: str
    recorded: str


@dataclass(frozen=True)
class ShownFinding:
    """One finding, ready for the page."""

    rule_id: str
    version: int
    group: str  # blocked, needs, warn, told
    is_hold: bool
    title: str
    reason: str
    needs: str
    next_step: str
    facts: list[ShownFact]
    sources: list[Source]
    authority: str
    verification: Verification
    verification_word: str
    is_locked: bool  # it stands against treatment, and nobody may set it aside
    may_override: bool  # this viewer may
    override_roles: str
    places: list[Place]  # where what it lacks is entered


@dataclass(frozen=True)
class ShownRule:
    """A rule without a finding, and what became of it."""

    rule_id: str
    title: str
    outcome: str


def shown_findings(
    judged: Judged, findings: Iterable[Finding], viewer: "User", patient: "Patient"
) -> list[ShownFinding]:
    """The findings in the order the assessment gave them."""
    held = {role.value for role in access.roles_of(viewer).get(patient.site_id, ())}
    questions = open_questions(judged)
    return [
        _shown(judged, finding, held, places_of(finding, judged.knowledge, patient, questions))
        for finding in findings
    ]


def _shown(judged: Judged, finding: Finding, held: set[str], places: list[Place]) -> ShownFinding:
    stands = finding.action in {FindingAction.BLOCK, FindingAction.HOLD}
    return ShownFinding(
        rule_id=finding.rule_id,
        version=finding.rule_version,
        group=GROUPS[finding.action],
        is_hold=finding.action is FindingAction.HOLD,
        title=in_language(finding.title),
        reason=in_language(finding.reason),
        needs=in_language(finding.needs) if finding.needs else "",
        next_step=in_language(finding.next_step) if finding.next_step else "",
        facts=[shown_fact(fact, judged) for fact in finding.facts],
        sources=list(finding.sources),
        authority=str(AUTHORITIES[finding.authority]),
        verification=finding.verification,
        verification_word=str(VERIFICATIONS[finding.verification]),
        is_locked=stands and not finding.overridable,
        may_override=can_be_set_aside(finding) and bool(held & set(finding.override_roles)),
        override_roles=", ".join(str(ROLE_NAMES[Role(role)]) for role in finding.override_roles)
        if stands
        else "",
        places=places,
    )


def shown_fact(fact: Fact, judged: Judged) -> ShownFact:
    """A fact in words; an answer is named by its concept."""
    if fact.concept == BIRTH_DATE:
        return ShownFact(str(_("Birth date")), date_as_recorded(fact.onset) if fact.onset else "", "", "", "")
    known = judged.knowledge.concept_maps.get(fact.concept)
    named = fact.text or (in_language(known.title) if known else fact.concept)
    return ShownFact(
        text=named,
        value=_value(fact),
        status="" if fact.value is not None else str(STATUSES[fact.status]),
        since=date_as_recorded(fact.onset) if fact.onset and fact.value is None else "",
        recorded=date_format(fact.recorded) if fact.recorded else "",
    )


def _value(fact: Fact) -> str:
    if fact.value is None:
        return ""
    unit = "" if str(fact.value.unit) == SCORE_UNIT else f" {fact.value.unit}"
    return f"{round(float(fact.value.magnitude), 2):g}{unit}"


def shown_rules(refs: Iterable[RuleRef], judged: Judged, *outcomes: str) -> list[ShownRule]:
    """Rules by what became of them; all of them when no outcome is named."""
    return [
        ShownRule(ref.rule_id, in_language(judged.knowledge.rules[ref.rule_id].title), ref.outcome)
        for ref in refs
        if not outcomes or ref.outcome in outcomes
    ]


def open_questions(judged: Judged) -> dict[str, str]:
    """What has to be asked before the verdict can be clear, by concept; what must be measured is not asked."""
    maps = judged.knowledge.concept_maps
    asked = dict.fromkeys(concept for finding in judged.open_findings for concept in finding.asks)
    return {
        concept: in_language(maps[concept].question or maps[concept].title)
        for concept in asked
        if concept in maps and FactKind.OBSERVATION not in maps[concept].found_in
    }


def further_signs(judged: Judged) -> dict[str, str]:
    """What somebody may note besides, by concept, by name."""
    asked = open_questions(judged)
    titles = notable(judged.knowledge, judged.scope)
    named = {concept: in_language(title) for concept, title in titles.items() if concept not in asked}
    return dict(sorted(named.items(), key=lambda pair: pair[1].casefold()))


def _role_words(roles: Iterable[str]) -> str:
    return ", ".join(str(ROLE_NAMES[Role(role)]) for role in roles)
