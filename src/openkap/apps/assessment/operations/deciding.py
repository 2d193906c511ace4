"""Setting findings aside, and signing what was decided."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.assessment.judging import (
    Judged,
    can_be_set_aside,
    digest_of,
    findings_as_json,
    judge,
    scope_of,
)
from openkap.apps.assessment.models import Episode, Override, PlanningOverride, SignedAssessment
from openkap.apps.assessment.permissions import (
    check_alive,
    check_may_assess,
    check_not_ended,
    overriding_role,
    role_among,
)
from openkap.apps.audit import operations as audit
from openkap.apps.people import operations as people
from openkap.core.assessment import Finding, FindingAction, RuleRef, Verdict
from openkap.errors import BadInput, NotAllowedNow

if TYPE_CHECKING:
    pass

STANDS_OPEN = frozenset({FindingAction.HOLD, FindingAction.NEEDS})
SHORTEST_REASON = 10  # letters: a reason others can weigh, not a dot


@transaction.atomic
def override_finding(
    *, by: User, now: datetime, episode: Episode, rule_id: str, reason: str, expires_on: date | None = None
) -> Override:
    """Set a finding that blocks or holds aside, for at most as long as its rule allows.

    It is shown ever after. It ends when it expires, is taken back, or what the finding rests on changes. Raises
    `Refused` (nobody may, or not this role), `NotAllowedNow` (no such finding), `BadInput`.
    """
    patient = episode.patient
    check_may_assess(by, patient)
    check_not_ended(episode)
    people.lock(patient)
    judged = judge(patient, scope_of(episode), now)
    finding = _open_finding(judged, rule_id)
    role = overriding_role(by, patient, finding)
    if not can_be_set_aside(finding):
        raise NotAllowedNow(_("This is not known or not decided yet, so there is nothing to set aside."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why, so that others can weigh it."), field="reason")
    override = Override.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        rule_id=rule_id,
        rule_version=finding.rule_version,
        facts_digest=digest_of(finding.facts),
        role=role.value,
        reason=reason.strip(),
        expires_on=_expiry(finding, judged.on, expires_on),
    )
    _record(by, now, "assessment.override", episode, {"rule": rule_id, "role": role.value})
    return override


@transaction.atomic
def end_override(*, by: User, now: datetime, override: Override) -> None:
    """Take an override back: the finding stands again. Taking back twice changes nothing."""
    check_may_assess(by, override.patient)
    if Override.objects.filter(pk=override.pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
        _record(by, now, "assessment.end-override", override.episode, {"rule": override.rule_id})


@transaction.atomic
def sign_assessment(
    *, by: User, now: datetime, episode: Episode, decision: str, reason: str = ""
) -> SignedAssessment:
    """Decide, and keep everything the decision rests on as it stands now.

    `decision` is 'treat', 'wait' or 'decline'. 'treat' needs the verdict 'clear', overrides counted; the other
    two need a reason. Raises `NotAllowedNow`, `BadInput`, `Refused`.
    """
    patient = episode.patient
    check_may_assess(by, patient)
    check_not_ended(episode)
    check_alive(patient)
    people.lock(patient)
    judged = judge(patient, scope_of(episode), now)
    _check_decision(decision, reason, judged.verdict)
    signed = SignedAssessment.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        decision=decision,
        reason=reason.strip(),
        on=judged.on,
        drug=episode.drug,
        route=episode.route,
        indication=episode.indication,
        verdict=judged.verdict.value,
        facts_digest=judged.facts_digest,
        findings=findings_as_json(judged.assessment.findings),
        judged_by=_rules(judged),
        overrides=[str(override.public_id) for _finding, override in judged.set_aside],
    )
    _record(by, now, "assessment.sign", episode, {"decision": decision, "verdict": judged.verdict.value})
    return signed


@transaction.atomic
def plan_anyway(*, by: User, now: datetime, episode: Episode, reason: str) -> PlanningOverride:
    """Let treatment be planned today without a signed decision that holds; shown ever after.

    Never against a finding that blocks, nor against the signed decision 'no ketamine'. Raises `Refused`,
    `NotAllowedNow`, `BadInput`.
    """
    patient = episode.patient
    check_may_assess(by, patient)
    role = role_among(by, patient, (Role.PRESCRIBER, Role.MEDICAL_DIRECTOR))
    check_not_ended(episode)
    check_alive(patient)
    people.lock(patient)
    judged = judge(patient, scope_of(episode), now)
    if judged.verdict is Verdict.BLOCKED:
        raise NotAllowedNow(_("A finding blocks treatment. It has to be resolved or set aside by itself."))
    last = episode.signed_assessments.order_by("-id").first()
    if last is not None and last.decision == SignedAssessment.Decision.DECLINE:
        raise NotAllowedNow(_("The assessment was signed with the decision: no ketamine."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(_("Say why, so that others can weigh it."), field="override_reason")
    lacking = [f.rule_id for f in judged.open_findings if f.action in STANDS_OPEN]
    override = PlanningOverride.objects.create(
        site_id=patient.site_id,
        patient=patient,
        recorded_at=now,
        recorded_by=by,
        episode=episode,
        role=role.value,
        reason=reason.strip(),
        expires_on=judged.on,
        lacking=lacking,
    )
    _record(by, now, "assessment.plan-anyway", episode, {"role": role.value, "lacking": len(lacking)})
    return override


def _open_finding(judged: Judged, rule_id: str) -> Finding:
    for finding in judged.open_findings:
        if finding.rule_id == rule_id:
            return finding
    raise NotAllowedNow(_("This finding is no longer there. Look at the page again."))


def _expiry(finding: Finding, today: date, asked: date | None) -> date:
    latest = today + timedelta(days=finding.override_days or 0)
    wanted = asked or latest
    if not today <= wanted <= latest:
        raise BadInput(
            _("It can be set aside until %(latest)s at the latest.") % {"latest": latest.isoformat()},
            field="expires_on",
        )
    return wanted


def _check_decision(decision: str, reason: str, verdict: Verdict) -> None:
    if decision not in SignedAssessment.Decision.values:
        raise BadInput(_("Choose a decision."), field="decision")
    if decision == SignedAssessment.Decision.TREAT:
        if verdict is not Verdict.CLEAR:
            raise NotAllowedNow(_("Something still blocks or is needed, so treatment cannot be planned yet."))
    elif not reason.strip():
        raise BadInput(_("Say why."), field="reason")


def _rules(judged: Judged) -> list[dict[str, object]]:
    """Every rule and what became of it, and every item of medical clearance with its state."""
    assessed = judged.assessment
    items = [RuleRef(one.item.id, one.item.version, one.state.value) for one in judged.clearance]
    return [asdict(ref) for ref in (*assessed.evaluated, *assessed.inactive, *assessed.inapplicable, *items)]


def _record(by: User, now: datetime, action: str, episode: Episode, details: dict[str, object]) -> None:
    subject = audit.Subject("episode", episode.public_id, episode.patient.public_id, episode.site_id)
    audit.record(by=by, now=now, action=action, subject=subject, details=details)
