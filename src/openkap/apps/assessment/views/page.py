"""The assessment: what speaks against treatment, and what was decided."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from openkap.apps.access.models import User
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.assessment import queries
from openkap.apps.assessment.acute import acute_protocols
from openkap.apps.assessment.forms import (
    AnswersForm,
    DecisionForm,
    EndForm,
    IndicationForm,
    NoteForm,
    OverrideForm,
)
from openkap.apps.assessment.history_shown import history_shown
from openkap.apps.assessment.judging import Judged, judge, scope_of
from openkap.apps.assessment.models import Episode, Override
from openkap.apps.assessment.shown import (
    ShownFinding,
    further_signs,
    open_questions,
    shown_fact,
    shown_findings,
    shown_rules,
)
from openkap.apps.audit import operations as audit
from openkap.apps.chart.forms import in_language
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people import operations as people_operations
from openkap.apps.people import queries as people
from openkap.apps.people.models import Patient
from openkap.apps.people.viewer import viewer_of


@requires(Permission.CHART_READ, about_patient=True)
@require_safe
def assessment(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show the assessment as of now."""
    viewer, now = viewer_of(request), timezone.now()
    patient = people.patient_for(viewer, patient_id, Permission.CHART_READ)
    return page(request, viewer, now, patient)


def page(
    request: HttpRequest,
    viewer: User,
    now: datetime,
    patient: Patient,
    refused_override: OverrideForm | None = None,
    **refused: forms.Form,
) -> HttpResponse:
    """The page; `refused` are forms that come back with their errors, by the name the template gives them."""
    note_read(viewer, now, patient)
    episode = queries.current_episode(patient)
    context: dict[str, Any] = {
        "patient": patient,
        "episode": episode,
        "episodes": [one for one in queries.episodes_of(patient) if one.ended_on],
        "may_assess": may(viewer, patient, Permission.ASSESS),
        "may_answer": may(viewer, patient, Permission.CHART_WRITE),
        "decisions": queries.decisions_of(patient),
        "overrides": _overridden(patient, now),
        "indication_form": IndicationForm(initial=_asked(episode)),
        "end_form": EndForm(),
    }
    if episode is not None:
        judged = judge(patient, scope_of(episode), now)
        context |= _judged(viewer, patient, episode, judged, refused_override)
        context["acute_protocols"] = acute_protocols(episode.indication, judged.knowledge)
        context["shown"] = history_shown(patient, now, episode.indication)
    return render(
        request, "assessment/page.html", context | refused, status=400 if refused or refused_override else 200
    )


def _overridden(patient: Patient, now: datetime) -> list[tuple[Override, str]]:
    """Everything ever set aside, with what it was in words; a rule of the past has its id alone."""
    rules = knowledge_for(patient.site, now).rules
    return [
        (one, in_language(rules[one.rule_id].title) if one.rule_id in rules else one.rule_id)
        for one in queries.overrides_of(patient)
    ]


def _judged(
    viewer: User, patient: Patient, episode: Episode, judged: Judged, refused: OverrideForm | None
) -> dict[str, Any]:
    assessed, decision = judged.assessment, queries.latest_decision(episode)
    findings = shown_findings(judged, judged.open_findings, viewer, patient)
    aside = shown_findings(judged, [finding for finding, _override in judged.set_aside], viewer, patient)
    clear = shown_rules(assessed.evaluated, judged, "not met")
    return {
        "judged": judged,
        "counts": Counter(finding.group for finding in findings) | {"clear": len(clear)},
        "groups": {name: _with_forms(findings, name, refused) for name in ("blocked", "needs", "warn", "told")},
        "set_aside": list(zip(aside, (override for _finding, override in judged.set_aside), strict=True)),
        "clear": clear,
        "inactive": shown_rules(assessed.inactive, judged),
        "inapplicable": shown_rules(assessed.inapplicable, judged),
        "rules": len(judged.knowledge.rules),
        "unrecognised": [shown_fact(fact, judged) for fact in assessed.unrecognised],
        "answers_form": AnswersForm(open_questions(judged), judged.on),
        "note_form": NoteForm(further_signs(judged), judged.on),
        "decision_form": DecisionForm(),
        "decision": decision,
        "decision_is_old": decision is not None and decision.facts_digest != judged.facts_digest,
    }


def _with_forms(
    findings: list[ShownFinding], group: str, refused: OverrideForm | None
) -> list[tuple[ShownFinding, OverrideForm | None]]:
    """The findings of a group, each with the form to set it aside if this viewer may."""
    pairs: list[tuple[ShownFinding, OverrideForm | None]] = []
    for finding in findings:
        if finding.group == group:
            form = refused if refused and refused.rule_id == finding.rule_id else OverrideForm(finding.rule_id)
            pairs.append((finding, form if finding.may_override else None))
    return pairs


def _asked(episode: Episode | None) -> dict[str, str]:
    if episode is None:
        return {}
    return {name: getattr(episode, name) for name in ("indication", "drug", "route", "specific_fears")}


@transaction.atomic
def note_read(viewer: User, now: datetime, patient: Patient) -> None:
    """One row of the trail for this request."""
    subject = people_operations.subject_of(patient)
    audit.record(by=viewer, now=now, action="assessment.read", subject=subject)


def may(viewer: User, patient: Patient, permission: Permission) -> bool:
    """Whether the viewer holds the permission on this patient."""
    return people.holds(viewer, permission, patient)
