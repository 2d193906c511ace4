"""An assessment as plain data: what the command line prints and what is stored with a decision."""

from openkap.core.assessment.facts import Fact
from openkap.core.assessment.findings import Assessment, Finding, RuleRef
from openkap.knowledge.schema.record import Source


def assessment_as_json(assessment: Assessment) -> dict[str, object]:
    """Verdict, findings, and every rule by what became of it. English texts."""
    return {
        "verdict": assessment.verdict.value,
        "findings": [finding_as_json(finding) for finding in assessment.findings],
        "evaluated": [_rule(ref) for ref in assessment.evaluated],
        "inactive": [_rule(ref) for ref in assessment.inactive],
        "inapplicable": [_rule(ref) for ref in assessment.inapplicable],
        "unrecognised": [_fact(fact) for fact in assessment.unrecognised],
    }


def finding_as_json(finding: Finding) -> dict[str, object]:
    """One finding; `fact` is what it rests on, `needs` what must be known or decided."""
    return {
        "rule": finding.rule_id,
        "version": finding.rule_version,
        "title": finding.title.en,
        "action": finding.action.value,
        "reason": finding.reason.en,
        "fact": [_fact(fact) for fact in finding.facts],
        "source": [_source(source) for source in finding.sources],
        "verification": finding.verification.value,
        "authority": finding.authority.value,
        "needs": finding.needs.en if finding.needs else None,
        "asks": list(finding.asks),
        "overridable": finding.overridable,
        "next_step": finding.next_step.en if finding.next_step else None,
    }


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "kind": fact.kind.value,
        "text": fact.text or fact.concept,
        "status": fact.status.value,
        "codes": [f"{code.system}|{code.code}" for code in fact.codes],
        "onset": fact.onset.text if fact.onset else None,
        "recorded": fact.recorded.isoformat() if fact.recorded else None,
        "value": str(fact.value) if fact.value else None,
        "ref": fact.source_ref,
    }


def _source(source: Source) -> dict[str, object]:
    return source.model_dump(exclude_none=True)


def _rule(ref: RuleRef) -> dict[str, object]:
    return {"rule": ref.rule_id, "version": ref.rule_version, "outcome": ref.outcome}
