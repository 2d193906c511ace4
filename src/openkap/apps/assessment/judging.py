"""A patient judged now: the pure assessment, and what people set aside of it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.assessment.clearing import kept_for
from openkap.apps.assessment.models import Episode, Override
from openkap.apps.assessment.tried import history_facts_for
from openkap.apps.chart import queries as chart
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.measures.scored import scored_of
from openkap.apps.safety import queries as safety
from openkap.core.assessment import (
    Assessment,
    Fact,
    Finding,
    FindingAction,
    Scope,
    Verdict,
    assess,
    assessment_as_json,
    finding_as_json,
    verdict_of,
)
from openkap.core.assessment.clearance import (
    ItemState,
    Kept,
    clearance,
    clearance_facts,
    clearance_findings,
    with_findings,
)
from openkap.core.assessment.scores import instruments_in_rules, score_facts
from openkap.knowledge import KnowledgeSet
from openkap.units import Drug, Route

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

# Only what is known to stand against treatment can be set aside. What is not known is asked, and what the site
# has not decided is decided in Knowledge, never for one patient.
CAN_BE_SET_ASIDE = frozenset({FindingAction.BLOCK, FindingAction.HOLD})


@dataclass(frozen=True)
class Judged:
    """What speaks for and against one treatment of one patient on one local date, medical clearance included.

    `assessment` is as computed; `set_aside` are the findings with an override in force; `verdict` counts the
    others.
    """

    assessment: Assessment
    verdict: Verdict
    set_aside: tuple[tuple[Finding, Override], ...]
    open_findings: tuple[Finding, ...]
    scope: Scope
    on: date
    knowledge: KnowledgeSet
    facts_digest: str
    clearance: tuple[ItemState, ...]

    def as_json(self) -> dict[str, object]:
        """As the command line prints it and a decision keeps it."""
        overrides = [
            {
                "rule": finding.rule_id,
                "role": override.role,
                "reason": override.reason,
                "expires_on": override.expires_on.isoformat(),
            }
            for finding, override in self.set_aside
        ]
        return assessment_as_json(self.assessment) | {"verdict": self.verdict.value, "overrides": overrides}


def scope_of(episode: Episode) -> Scope:
    """What an episode asks for."""
    return scope(episode.indication, episode.drug, episode.route, episode.patient)


def scope(indication: str, drug: str, route: str, patient: "Patient") -> Scope:
    """A treatment of this patient where they are treated."""
    return Scope(indication, Drug(drug), Route(route), patient.site.jurisdiction or None)


def judge(patient: "Patient", wanted: Scope, now: datetime, on: date | None = None) -> Judged:
    """Judge for a treatment on a local date, by default today, by the knowledge in force at the site now."""
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    day = on or today
    knowledge = knowledge_for(patient.site, now)
    scores = scored_of(patient, instruments_in_rules(knowledge), day)
    charted = (
        *chart.facts_for(patient, day),
        *score_facts(scores, knowledge, patient.sex),
        *history_facts_for(patient, day, knowledge, scores),
        *safety.facts_for(patient, day),
    )
    kept, in_force = kept_for(patient, day), overrides_in_force(patient, day)
    risk = safety.hold_findings(patient, knowledge)
    return judge_facts(charted, knowledge, wanted, day, kept=kept, in_force=in_force, risk=risk)


def judge_facts(
    charted: Sequence[Fact],
    knowledge: KnowledgeSet,
    wanted: Scope,
    day: date,
    *,
    kept: Kept,
    in_force: Mapping[str, Override],
    risk: Sequence[Finding] = (),
) -> Judged:
    """Judge by what was read already: the facts of chart and history, results and waivers, overrides.

    `risk`: what suicide risk adds to the findings.
    """
    cleared = clearance(charted, kept, knowledge, wanted, day)
    facts = (*charted, *clearance_facts(cleared))
    further = (*clearance_findings(cleared), *risk)
    assessment = with_findings(assess(facts, knowledge, wanted, day), further)
    set_aside = tuple(_matched(assessment.findings, in_force))
    gone = {finding.rule_id for finding, _override in set_aside}
    still_open = tuple(finding for finding in assessment.findings if finding.rule_id not in gone)
    return Judged(
        assessment=assessment,
        verdict=verdict_of(still_open),
        set_aside=set_aside,
        open_findings=still_open,
        scope=wanted,
        on=day,
        knowledge=knowledge,
        facts_digest=digest_of(facts),
        clearance=cleared,
    )


def overrides_in_force(patient: "Patient", on: date) -> dict[str, Override]:
    """The overrides of the current episode that have not expired or been taken back, by rule."""
    rows = Override.objects.filter(
        episode__patient=patient, episode__ended_on__isnull=True, ended_at__isnull=True, expires_on__gte=on
    )
    return {row.rule_id: row for row in rows.select_related("recorded_by", "episode").order_by("id")}


def _matched(
    findings: Iterable[Finding], in_force: Mapping[str, Override]
) -> Iterable[tuple[Finding, Override]]:
    """Findings with the override made for them: same version of the rule, on the same facts."""
    for finding in findings:
        override = in_force.get(finding.rule_id)
        if override is not None and holds(override, finding):
            yield finding, override


def holds(override: Override, finding: Finding) -> bool:
    """Whether an override made earlier is about this finding as it is now."""
    return (
        can_be_set_aside(finding)
        and override.rule_version == finding.rule_version
        and override.facts_digest == digest_of(finding.facts)
    )


def can_be_set_aside(finding: Finding) -> bool:
    """Whether somebody may set it aside at all."""
    return finding.overridable and finding.action in CAN_BE_SET_ASIDE


def digest_of(facts: Iterable[Fact]) -> str:
    """SHA-256 over facts in any order: tells whether anything has changed."""
    lines = sorted(
        json.dumps(
            [fact.kind, fact.concept, fact.text, fact.status, str(fact.onset), str(fact.recorded),
             str(fact.value), sorted(f"{code.system}|{code.code}" for code in fact.codes), fact.source_ref]
        )
        for fact in facts
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Findings as they are kept with a decision."""
    return [finding_as_json(finding) for finding in findings]
