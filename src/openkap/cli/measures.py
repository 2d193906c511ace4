"""`openkap measures`: score an instrument, judge a change. Needs no database."""

import argparse
import json
from datetime import UTC, date, datetime
from difflib import get_close_matches

from openkap import knowledge
from openkap.core import psychometrics
from openkap.core.psychometrics import Change, Judgement, Score
from openkap.errors import NotFound
from openkap.fhir.questionnaires import questionnaire
from openkap.knowledge import KnowledgeSet, SignOff
from openkap.knowledge.schema.instrument import Instrument, Points


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe `score`, `change`, `questionnaire` and `list`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    score = verbs.add_parser("score", help="score a filled instrument")
    score.add_argument("id", help="instrument, such as phq-9")
    given = score.add_mutually_exclusive_group(required=True)
    given.add_argument("--answers", help="in item order: 0,1,NA,SKIP,REFUSED")
    given.add_argument("--total", type=_points, help="the total, from a form scored elsewhere")
    change = verbs.add_parser("change", help="judge a change of the total")
    change.add_argument("id", help="instrument, such as phq-9")
    change.add_argument("--baseline", type=_points, required=True)
    change.add_argument("--followup", type=_points, required=True)
    change.add_argument(
        "--signed-off",
        action="append",
        default=[],
        metavar="RECORD",
        help="treat this knowledge record as signed off, such as phq-9-reliable-change",
    )
    form = verbs.add_parser("questionnaire", help="a shipped instrument as a FHIR Questionnaire")
    form.add_argument("id", help="instrument, such as phq-9")
    form.add_argument("--language", default="en", choices=psychometrics.LANGUAGES)
    listing = verbs.add_parser("list", help="the instruments there are")
    for verb in (score, change, listing):
        verb.add_argument("--json", action="store_true", help="write JSON")


def _points(text: str) -> Points:
    """A score as typed: whole where it is written so."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def run(options: argparse.Namespace) -> int:
    """Run one verb. Raises `BadInput` or `NotFound`."""
    today = datetime.now(UTC).date()
    match options.verb:
        case "score":
            result = _score(_instrument(knowledge.load(today), options.id), options)
        case "change":
            result = _change(options, today)
        case "questionnaire":
            wanted = _instrument(knowledge.load(today), options.id)
            print(json.dumps(questionnaire(wanted, options.language), ensure_ascii=False, indent=2))
            return 0
        case _:
            result = _listing(knowledge.load(today))
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else _plain(result))
    return 0


def _instrument(known: KnowledgeSet, wanted: str) -> Instrument:
    found = known.instruments.get(wanted.lower())
    if found is None:
        near = ", ".join(get_close_matches(wanted.lower(), known.instruments))
        hint = f"Did you mean {near}?" if near else "`openkap measures list` names them."
        raise NotFound(f"There is no instrument '{wanted}'. {hint}")
    return found


def _score(instrument: Instrument, options: argparse.Namespace) -> dict[str, object]:
    if options.answers is None:
        scored = psychometrics.score_total(instrument, options.total)
    else:
        scored = psychometrics.score(instrument, psychometrics.parse_answers(options.answers))
    return score_as_json(scored)


def _change(options: argparse.Namespace, today: date) -> dict[str, object]:
    plain = knowledge.load(today)
    sign_offs = [
        SignOff(record_id, plain.record(record_id).version, adopted=True, decided_on=today)
        for record_id in options.signed_off
    ]
    known = knowledge.load(today, sign_offs)
    instrument = _instrument(known, options.id)
    judged = psychometrics.change(
        instrument, options.baseline, options.followup, known.criteria_for(instrument.id)
    )
    return change_as_json(judged)


def _listing(known: KnowledgeSet) -> dict[str, object]:
    return {
        instrument.id: f"{instrument.title.en}, version {instrument.version}, "
        f"{instrument.range.lowest} to {instrument.range.highest}, {instrument.wording}"
        for instrument in known.instruments.values()
    }


def score_as_json(scored: Score) -> dict[str, object]:
    """A score as the command line prints it."""
    return {
        "instrument": scored.instrument_id,
        "version": scored.instrument_version,
        "score": scored.total,
        "reason": scored.reason,
        "band": scored.band.id if scored.band else None,
        "band_label": scored.band.label.en if scored.band else None,
        "outcome": scored.outcome.id if scored.outcome else None,
        "outcome_open": scored.undecided,
        "subscales": {
            s.id: {"score": s.total, "reason": s.reason, "band": s.band.id if s.band else None}
            for s in scored.subscales
        },
        "missing": scored.n_missing,
        "prorated": scored.prorated,
        "safety": [{"item": flag.item, "answer": flag.answer, "raised": flag.raised} for flag in scored.flags],
    }


def change_as_json(judged: Change) -> dict[str, object]:
    """A change as printed: yes, no or null, and under `judged_by` why and by which record."""
    judgements = {
        "eligible": judged.eligible,
        "response": judged.response,
        "remission": judged.remission,
        "reliable": judged.reliable,
        "improved": judged.improved,
        "deteriorated": judged.deteriorated,
    }
    percent = judged.percent_improvement
    return {
        "instrument": judged.instrument_id,
        "version": judged.instrument_version,
        "baseline": judged.baseline,
        "followup": judged.followup,
        "points": judged.points,
        "percent_improvement": None if percent is None else round(percent, 1),
        **{name: judgement.met for name, judgement in judgements.items()},
        "judged_by": {name: _judgement(judgement) for name, judgement in judgements.items()},
    }


def _judgement(judgement: Judgement) -> dict[str, object]:
    return {
        "met": judgement.met,
        "reason": judgement.reason,
        "by": judgement.criterion_id,
        "version": judgement.criterion_version,
        "value": judgement.value,
        "verification": judgement.verification,
    }


def _plain(result: dict[str, object]) -> str:
    reasons = result.get("judged_by")
    lines = []
    for key, value in result.items():
        if key == "judged_by" or value in ({}, []):
            continue
        if value is None and isinstance(reasons, dict) and key in reasons:
            lines.append(f"{key}: {reasons[key]['reason']}")
        elif value is not None:
            lines.append(f"{key}: {_word(value)}")
    return "\n".join(lines)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(f"item {flag['item']}: {flag['answer']}" for flag in value)
    return str(value)
