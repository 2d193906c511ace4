"""A history of treatment as its page shows it: every figure with its working and its source."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.assessment import tried
from openkap.apps.assessment.history_stages import (
    ShownAnxiety,
    ShownLadder,
    ShownSum,
    anxiety_shown,
    ladder_shown,
    sum_shown,
)
from openkap.apps.assessment.history_words import (
    ENOUGH,
    OUTCOMES,
    PROPOSAL_STATES,
    PROPOSALS,
    RESISTANCE,
    STATES,
    WHY_STATES,
    WHYS,
    listed,
    one_or_span,
)
from openkap.apps.assessment.models import PastTreatment
from openkap.apps.assessment.models.treatment import Benefit, Ended, Kind, Known, Role
from openkap.apps.assessment.naming import Names
from openkap.apps.assessment.shown import VERIFICATIONS
from openkap.apps.chart.forms import in_language
from openkap.apps.chart.queries import shown as number
from openkap.apps.chart.words import date_as_recorded
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.stages import Indication
from openkap.core.assessment.differential import Reason, ScreenResult, Why
from openkap.core.assessment.history import JudgedHistory, TreatmentHistory, judge_treatments
from openkap.core.assessment.resistance import HistoryVerdict, Outcome, TrialVerdict, judge_history
from openkap.core.assessment.trials import Weeks
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.record import Record, Verification

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

Words = str | Promise
ANXIETY = frozenset({Indication.GAD, Indication.PANIC, Indication.AGORAPHOBIA, Indication.SAD})


@dataclass(frozen=True)
class ShownOutcome:
    """What one definition makes of one trial."""

    by: str  # the definition, in short
    word: str
    failed: bool
    undecided: bool
    needs: str


@dataclass(frozen=True)
class ShownTreatment:
    """One treatment tried: a line of the table."""

    row: PastTreatment
    name: str
    details: list[str]
    better: str
    outcomes: list[ShownOutcome]
    remark: str  # in place of outcomes where nothing is counted


@dataclass(frozen=True)
class ShownDefinition:
    """One definition of resistance and what it comes to."""

    record: Record
    short: str
    is_own: bool
    word: str
    state: str
    failed: str
    needs: str
    verification: Verification
    verification_word: str


@dataclass(frozen=True)
class ShownScreen:
    """One screen and what its answers point to."""

    id: str
    title: str
    state: str
    word: str
    found: list[str]
    asked_on: date | None
    optional: bool


@dataclass(frozen=True)
class HistoryShown:
    """Everything on the step 'History'."""

    treatments: list[ShownTreatment]
    columns: list[ShownDefinition]
    definitions: list[ShownDefinition]
    resistance: str
    sum: ShownSum | None
    ladder: ShownLadder | None
    anxiety: ShownAnxiety | None
    screens: list[ShownScreen]
    proposal: str
    proposal_state: str
    reasons: list[str]
    is_complete: bool
    names: Names


def history_shown(patient: "Patient", now: datetime, indication: str = "") -> HistoryShown:
    """The patient's history now, judged by what is in force at the site, for what is to be treated.

    For an anxiety disorder its working rule is shown, else the definitions and stages of depression; without an
    indication all of it.
    """
    today = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    knowledge = knowledge_for(patient.site, now)
    history = tried.scored_history(patient, today, knowledge)
    judged = judge_treatments(history, knowledge)
    names = Names.of_records(knowledge.past_treatments)
    anxious = indication in ANXIETY
    columns = _columns(history, judged, knowledge, anxious=anxious)
    return HistoryShown(
        treatments=[_treatment(row, columns, history, names) for row in tried.treatments_of(patient)],
        columns=[_definition(verdict, judged) for verdict in columns],
        definitions=[] if anxious else [_definition(verdict, judged) for verdict in judged.verdicts],
        resistance=str(RESISTANCE[judged.resistance]) if judged.resistance else "",
        sum=None if anxious else sum_shown(judged.maudsley, knowledge),
        ladder=None if anxious else ladder_shown(judged, knowledge, names),
        anxiety=anxiety_shown(judged, knowledge) if anxious or not indication else None,
        screens=[_screen(result) for result in judged.differential.results],
        proposal=str(PROPOSALS[judged.differential.proposal]),
        proposal_state=PROPOSAL_STATES[judged.differential.proposal],
        reasons=[_reason(reason) for reason in judged.differential.reasons],
        is_complete=history.illness.complete,
        names=names,
    )


def _columns(
    history: TreatmentHistory, judged: JudgedHistory, knowledge: KnowledgeSet, *, anxious: bool
) -> list[HistoryVerdict]:
    """The definitions by which each trial is told in the table."""
    if not anxious:
        return [verdict for verdict in judged.verdicts if verdict.definition.is_choice]
    rules = [one.anxiety for one in knowledge.staging.values() if one.anxiety]
    failures = [knowledge.adequacy[rule.failure_by] for rule in rules if rule.failure_by in knowledge.adequacy]
    return [judge_history(history.trials, one, complete=history.illness.complete) for one in failures]


def _treatment(
    row: PastTreatment, columns: list[HistoryVerdict], history: TreatmentHistory, names: Names
) -> ShownTreatment:
    trial = next(one for one in history.trials if one.ref == str(row.public_id))
    outcomes = [_outcome(verdict, verdict.of(trial)) for verdict in columns]
    counted = any(verdict.of(trial).outcome is not Outcome.NOT_COUNTED for verdict in columns)
    return ShownTreatment(
        row=row,
        name=names.of(row.medicine) or row.name,
        details=[part for part in _details(row, trial.weeks, names) if part],
        better=_percent(row) or _benefit(row),
        outcomes=outcomes if counted else [],
        remark="" if counted else _remark(row),
    )


def _outcome(by: HistoryVerdict, verdict: TrialVerdict) -> ShownOutcome:
    outcome = verdict.outcome
    return ShownOutcome(
        by=in_language(by.definition.short),
        word=str(OUTCOMES[outcome]),
        failed=outcome is Outcome.FAILED,
        undecided=outcome is Outcome.UNDECIDED,
        needs=listed(verdict.needs),
    )


def _details(row: PastTreatment, weeks: Weeks | None, names: Names) -> list[str]:
    """What is known of a treatment, in short."""
    named = names.class_of(row.drug_class) if row.kind == Kind.DRUG else str(row.get_kind_display())
    added = _("added to %(what)s") % {"what": row.added_to} if row.added_to else ""
    unit = row.dose_unit.replace("ug", "µg").replace("/d", "/" + _("day"))
    dose = f"{number(row.dose)} {unit}" if row.dose else ""
    sessions = (
        ngettext("%(n)d session", "%(n)d sessions", row.sessions) % {"n": row.sessions}
        if row.sessions is not None
        else ""
    )
    return [
        named,
        added,
        dose,
        str(row.get_laterality_display()) if row.laterality not in {"", "unknown"} else "",
        sessions,
        _weeks(weeks),
        _dates(row),
        _("dose too low") if row.dose_adequate == Known.NO else "",
        _("not taken as agreed") if row.taken_as_agreed == Known.NO else "",
        str(row.get_why_ended_display()) if row.why_ended != Ended.UNKNOWN else "",
    ]


def _weeks(weeks: Weeks | None) -> str:
    if weeks is None:
        return ""
    least, most = round(weeks.least), round(weeks.most)
    return ngettext("%(n)s week", "%(n)s weeks", most) % {"n": one_or_span(least, most)}


def _dates(row: PastTreatment) -> str:
    if row.began is None and row.ended is None:
        return ""
    began = date_as_recorded(row.began) if row.began else "?"
    ended = date_as_recorded(row.ended) if row.ended else _("now") if row.why_ended == Ended.ONGOING else "?"
    return _("%(first)s to %(last)s") % {"first": began, "last": ended}


def _percent(row: PastTreatment) -> str:
    if row.percent_better is None:
        return ""
    if row.percent_better < 0:
        return _("worse by %(n)s %%") % {"n": number(-row.percent_better)}
    return f"{number(row.percent_better)} %"


def _benefit(row: PastTreatment) -> str:
    return str(row.get_benefit_display()) if row.benefit != Benefit.UNKNOWN else ""


def _remark(row: PastTreatment) -> str:
    if row.role == Role.AUGMENTATION:
        return _("counts as augmentation")
    if row.kind == Kind.PSYCHOTHERAPY:
        return _("listed; excludes nobody")
    if row.kind == Kind.KETAMINE:
        return _("prior benefit")
    return _("counts in the stages")


def _definition(verdict: HistoryVerdict, judged: JudgedHistory) -> ShownDefinition:
    record, resistance = verdict.definition, verdict.resistance
    failed = ngettext("%(n)d failed", "%(n)d failed", len(verdict.failed)) % {"n": len(verdict.failed)}
    return ShownDefinition(
        record=record,
        short=in_language(record.short),
        is_own=record.id in judged.own,
        word=str((RESISTANCE if record.is_choice else ENOUGH)[resistance]) if resistance else "",
        state=STATES[resistance] if resistance else "unknown",
        failed=failed,
        needs=listed(verdict.needs),
        verification=record.verification,
        verification_word=str(VERIFICATIONS[record.verification]),
    )


def _screen(result: ScreenResult) -> ShownScreen:
    why = _why_of(result)
    return ShownScreen(
        id=result.screen.id,
        title=in_language(result.screen.title),
        state=WHY_STATES[why] if result.screen.about != "condition" or why is not Why.POINTS_TO else "info",
        word=str(WHYS[why]) if result.screen.about != "condition" or result.asked_on is None else _("answered"),
        found=[in_language(one.outcome.label) for one in result.pointed if one.met],
        asked_on=result.asked_on,
        optional=result.screen.kind == "result-of-licensed-form",
    )


def _why_of(result: ScreenResult) -> Why:
    if result.asked_on is None:
        return Why.NOT_ASKED
    met = [one.met for one in result.pointed]
    return Why.POINTS_TO if True in met else Why.OPEN if None in met else Why.POINTS_AWAY


def _reason(reason: Reason) -> str:
    return f"{in_language(reason.screen.title)} {WHYS[reason.why]}"
