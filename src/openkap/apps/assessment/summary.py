"""The candidacy summary: everything a decision rests on, as lines for one sheet of paper. Unknown is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.assessment import matching, queries, tried
from openkap.apps.assessment.clearance_shown import shown_items
from openkap.apps.assessment.history_shown import HistoryShown, history_shown
from openkap.apps.assessment.judging import Judged, judge, scope_of
from openkap.apps.assessment.models import Episode
from openkap.apps.assessment.shown import GROUPS
from openkap.apps.chart.forms import in_language
from openkap.apps.measures.queries import courses_of
from openkap.apps.safety.queries import standing_of
from openkap.apps.safety.words import LEVELS
from openkap.core.assessment import Finding, Verdict
from openkap.core.assessment.suicide_risk import Level
from openkap.errors import NotFound

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient

BEST = 3  # methods named
LEFT = 4  # sections in the left column of the sheet


@dataclass(frozen=True)
class Line:
    """One fact; `value` is empty when it is not known."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the summary."""

    id: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Signature:
    """The signed decision; empty while nothing is signed."""

    decision: str = ""
    reason: str = ""
    who: str = ""
    at: str = ""
    is_old: bool = False


@dataclass(frozen=True)
class Summary:
    """The whole sheet."""

    sections: tuple[Section, ...]
    verdict: Verdict
    verdict_words: str
    signature: Signature
    made_at: datetime


VERDICTS = {
    Verdict.BLOCKED: lambda: _("Blocked"),
    Verdict.NEEDS: lambda: _("Something is needed first"),
    Verdict.CLEAR: lambda: _("Clear: nothing stands against it"),
}


def summary_of(patient: "Patient", episode: Episode, now: datetime) -> Summary:
    """The sheet as of now, for the treatment the episode asks for."""
    judged = judge(patient, scope_of(episode), now)
    history = history_shown(patient, now)
    sections = (
        _indication(patient, episode),
        _severity(patient, now),
        _resistance(history),
        _findings(judged),
        _clearance(patient, judged),
        _candidacy(patient, judged),
        _method(patient, now),
    )
    return Summary(
        sections=sections,
        verdict=judged.verdict,
        verdict_words=VERDICTS[judged.verdict](),
        signature=_signature(patient, episode, judged),
        made_at=now.astimezone(ZoneInfo(patient.site.time_zone)),
    )


def _indication(patient: "Patient", episode: Episode) -> Section:
    concluded = tried.conclusion_of(patient)
    asked = f"{episode.get_drug_display()}, {episode.get_route_display()}"
    began = formats.date_format(episode.began_on, "DATE_FORMAT")
    return Section(
        "indication",
        _("Indication"),
        (
            Line(_("Indication"), str(episode.get_indication_display()), episode.specific_fears),
            Line(_("Asked for"), asked, _("since %(day)s") % {"day": began}),
            Line(_("Prescriber"), str(episode.prescriber or "")),
            Line(
                _("Differential"),
                str(concluded.get_conclusion_display()) if concluded else "",
                concluded.reason if concluded else "",
            ),
        ),
    )


def _severity(patient: "Patient", now: datetime) -> Section:
    zone = ZoneInfo(patient.site.time_zone)
    lines = []
    for course in courses_of(patient, now):
        latest = course.latest
        if not (course.has_total or latest.outcome):
            continue  # read one by one; it says nothing on severity in a line
        day = formats.date_format(latest.administered_at.astimezone(zone), "DATE_FORMAT")
        total = f"{latest.total} / {course.highest}" if latest.total is not None else latest.outcome
        lines.append(
            Line(course.abbreviation, total, ", ".join(part for part in (latest.band_label, day) if part))
        )
    found = tuple(lines) or (Line(_("Questionnaires"), ""),)
    return Section("severity", _("Severity"), (_risk(patient, zone), *found))


def _risk(patient: "Patient", zone: ZoneInfo) -> Line:
    """The level of suicide risk; empty, so 'not known', while nothing bears on it."""
    standing = standing_of(patient)
    if standing.level is Level.NOT_ASSESSED or standing.latest is None:
        return Line(_("Suicide risk"), "")
    day = formats.date_format(standing.latest.evidence.at.astimezone(zone), "DATE_FORMAT")
    return Line(_("Suicide risk"), str(LEVELS[standing.level]), day)


def _resistance(history: HistoryShown) -> Section:
    lines = [
        Line(one.short, one.word, ", ".join(part for part in (one.failed, one.needs) if part))
        for one in history.definitions
    ]
    if history.sum:
        lines.append(Line(_("Maudsley stage"), history.sum.total, history.sum.band or history.sum.needs))
    if history.ladder:
        lines.append(
            Line(_("Thase-Rush stage"), history.ladder.stage, history.ladder.label or history.ladder.needs)
        )
    tried_so_far = len(history.treatments)
    counted = ngettext("%(n)s entered", "%(n)s entered", tried_so_far) % {"n": tried_so_far}
    note = _("said to be complete") if history.is_complete else _("not said to be complete")
    lines.append(Line(_("Treatments tried"), counted, note))
    return Section("resistance", _("Resistance"), tuple(lines))


def _findings(judged: Judged) -> Section:
    groups = {"blocked": _("Blocked"), "needs": _("Needed"), "warn": _("To weigh")}
    lines = []
    for group, title in groups.items():
        found = [f for f in judged.open_findings if GROUPS[f.action] == group and not _is_clearance(f, judged)]
        lines.append(Line(title, _titles(found) or _("none")))
    for finding, override in judged.set_aside:
        said = _("%(who)s (%(role)s), until %(day)s: %(reason)s") % {
            "who": override.recorded_by or "OpenKAP",
            "role": override.role_word,
            "day": formats.date_format(override.expires_on, "DATE_FORMAT"),
            "reason": override.reason,
        }
        lines.append(Line(_("Set aside"), in_language(finding.title), said))
    return Section("findings", _("Findings"), tuple(lines))


def _is_clearance(finding: Finding, judged: Judged) -> bool:
    """What an examination lacks stands in its own section."""
    return finding.rule_id in judged.knowledge.clearance_items


def _titles(findings: Iterable[Finding]) -> str:
    return "; ".join(dict.fromkeys(in_language(finding.title) for finding in findings))


def _clearance(patient: "Patient", judged: Judged) -> Section:
    lines = []
    for one in shown_items(patient, judged.clearance, judged.on):
        notes = [one.detail]
        if one.result and one.result.total is not None:
            notes.append(_("total %(n)s") % {"n": one.result.total})
        if one.waiver:
            notes.append(f"{one.waiver.recorded_by} ({one.waiver.role_word}): {one.waiver.reason}")
        if one.decision:
            notes.append(f"{one.decision.get_decision_display()}: {one.decision.reason}")
        lines.append(Line(one.title, one.word, "; ".join(notes)))
    return Section("clearance", _("Medical clearance"), tuple(lines))


def _candidacy(patient: "Patient", judged: Judged) -> Section:
    said = queries.candidacy_of(patient)
    lines = []
    for question in sorted(judged.knowledge.candidacy_questions.values(), key=lambda one: one.order):
        answer = said.get(question.id)
        choice = question.choice(answer.choice) if answer else None
        notes = [answer.note, formats.date_format(answer.asked_on, "DATE_FORMAT")] if answer else []
        value = in_language(choice.label) if choice else ""
        lines.append(Line(in_language(question.title), value, ", ".join(note for note in notes if note)))
    return Section("candidacy", _("Candidacy"), tuple(lines))


def _method(patient: "Patient", now: datetime) -> Section:
    """Which therapy is suggested by what is known, and which a person chose."""
    titles = {one.id: in_language(one.title) for one in matching.methods_known()}
    try:
        scored = matching.match_for(patient, now).scored
    except NotFound:
        scored = ()
    known = [one for one in scored if one.score is not None][:BEST]
    fits = ", ".join(f"{titles.get(one.method, one.method)} {one.score:.1f}" for one in known if one.score)
    chosen = matching.chosen_method(patient)
    return Section(
        "method",
        _("Which therapy"),
        (
            Line(_("Suggested, 0 to 10"), fits, _("a hypothesis; a person decides") if fits else ""),
            Line(_("Chosen"), titles.get(chosen, chosen) if chosen else ""),
        ),
    )


def _signature(patient: "Patient", episode: Episode, judged: Judged) -> Signature:
    signed = queries.latest_decision(episode)
    if signed is None:
        return Signature()
    local = signed.recorded_at.astimezone(ZoneInfo(patient.site.time_zone))
    return Signature(
        decision=str(signed.get_decision_display()),
        reason=signed.reason,
        who=str(signed.recorded_by or "OpenKAP"),
        at=formats.date_format(local, "DATETIME_FORMAT"),
        is_old=signed.facts_digest != judged.facts_digest,
    )


def as_document(summary: Summary, patient: "Patient", language: str) -> dict[str, object]:
    """The sheet as the template of the PDF takes it: words only."""
    unknown = _("not known")
    signature = summary.signature
    return {
        "title": _("Candidacy summary"),
        "lang": language,
        "head": f"{patient.name}, {formats.date_format(patient.birth_date, 'DATE_FORMAT')}, "
        + _("No. %(number)s") % {"number": patient.record_number},
        "verdict": summary.verdict_words,
        "left": LEFT,
        "sections": [
            {
                "title": section.title,
                "lines": [[line.label, line.value or unknown, line.note] for line in section.lines],
            }
            for section in summary.sections
        ],
        "signature": {
            "title": _("Decision"),
            "decision": signature.decision or _("Nothing is signed yet."),
            "reason": signature.reason,
            "signed": _("Signed by %(who)s, %(at)s") % {"who": signature.who, "at": signature.at}
            if signature.who
            else "",
            "old": _("The record has changed since this was signed.") if signature.is_old else "",
            "name": _("Name and signature"),
            "date": _("Date"),
        },
        "foot": _("%(site)s, made %(at)s. It recommends and explains; people decide and sign.")
        % {"site": patient.site.name, "at": formats.date_format(summary.made_at, "DATETIME_FORMAT")},
        "of": _("of"),
    }
