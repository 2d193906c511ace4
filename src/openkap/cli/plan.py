"""`openkap plan`: the protocols there are, and a protocol compiled into dated visits. Needs no database."""

import argparse
import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

from openkap import knowledge
from openkap.core.planning import OpenDays, Options, PlannedVisit, PlannedVisits, compile_plan
from openkap.errors import BadInput, NotFound
from openkap.knowledge.schema.protocol import Protocol, VisitKind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)  # guards against slips of the pen


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe `protocols` and `compile`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("protocols", help="the protocols there are")
    compiling = verbs.add_parser("compile", help="dated visits of a protocol from a start")
    compiling.add_argument("protocol", help="its id, such as ketamine-iv-twice-weekly")
    compiling.add_argument("--start", required=True, type=_day, metavar="DATE", help="no visit lies before it")
    compiling.add_argument("--first-dose", type=_day, metavar="DATE", help="first dose not before this date")
    compiling.add_argument("--zone", default="UTC", help="IANA time zone of the site (default UTC)")
    compiling.add_argument("--closed", default="", metavar="DAYS", help="closed weekdays, such as sat,sun")
    compiling.add_argument("--prefer", default="", metavar="DAYS", help="weekdays that suit, such as tue,fri")
    compiling.add_argument(
        "--closed-on", action="append", default=[], type=_day, metavar="DATE", help="a date the site is closed"
    )
    for verb in (listing, compiling):
        verb.add_argument("--json", action="store_true", help="write JSON")


def run(options: argparse.Namespace) -> int:
    """Run one verb. Raises `NotFound`, `BadInput`, `CannotPlan`."""
    protocols = knowledge.load(datetime.now(UTC).date()).protocols
    if options.verb == "protocols":
        listed = [protocol_as_json(protocol) for protocol in protocols.values()]
        print(json.dumps(listed, ensure_ascii=False, indent=2) if options.json else _plain_list(listed))
        return 0
    protocol = protocols.get(options.protocol)
    if protocol is None:
        raise NotFound(f"There is no protocol '{options.protocol}'. There are: {', '.join(sorted(protocols))}.")
    plan = compile_plan(protocol, options.start, _options(options))
    if options.json:
        print(json.dumps(plan_as_json(plan, protocol), ensure_ascii=False, indent=2))
    else:
        print(_plain_plan(plan, protocol))
    return 0


def protocol_as_json(protocol: Protocol) -> dict[str, object]:
    """What the list says of a protocol."""
    return {
        "id": protocol.id,
        "version": protocol.version,
        "title": protocol.title.en,
        "drug": protocol.drug.value,
        "route": protocol.route.value,
        "dose": str(protocol.dose),
        "doses": protocol.dose_count,
        "indications": list(protocol.indications),
        "monitoring": protocol.monitoring,
        "evidence": protocol.evidence.value,
        "evidence_note": protocol.evidence_note.en,
        "verification": protocol.verification.value,
        "needs_sign_off": protocol.needs_sign_off,
        "stop_rules": [rule.en for rule in protocol.stop_rules],
        "sources": [source.citation for source in protocol.sources],
    }


def plan_as_json(plan: PlannedVisits, protocol: Protocol) -> dict[str, object]:
    """A compiled plan: dates and times as the site's clock shows them, windows as instants with offset."""
    window = protocol.integration_window
    return {
        "protocol": plan.protocol_id,
        "version": plan.protocol_version,
        "visits": [_visit(visit) for visit in plan.visits],
        "doses": [
            {"number": visit.dose_number, "date": visit.on.isoformat(), "dose": str(protocol.dose)}
            for visit in plan.doses
        ],
        "integration_window": {
            "first_within_hours": window.first_within.total_seconds() / 3600,
            "second_within_hours": window.second_within.total_seconds() / 3600,
            "status": window.status,
            "rests_on": window.rests_on.en,
        },
    }


def _visit(visit: PlannedVisit) -> dict[str, object]:
    return {
        "ordinal": visit.ordinal,
        "date": visit.on.isoformat(),
        "time": f"{visit.at:%H:%M}",
        "zone": visit.zone.key,
        "kind": visit.kind.value,
        "visit": visit.around or None,
        "dose": visit.dose_number,
        "earliest": visit.earliest.astimezone(visit.zone).isoformat(),
        "latest": visit.latest.astimezone(visit.zone).isoformat(),
        "in_window": visit.in_window,
        "measures": list(visit.measures),
        "at_a_distance": visit.at_a_distance,
        "reasons": [
            {"code": reason.code.value, "meant": reason.meant.isoformat() if reason.meant else None}
            for reason in visit.reasons
        ],
    }


def _options(options: argparse.Namespace) -> Options:
    if options.zone not in available_timezones():
        raise BadInput(f"'{options.zone}' is not a time zone; write one such as America/Los_Angeles.")
    days = OpenDays(_weekdays(options.closed), frozenset(options.closed_on), _weekdays(options.prefer))
    return Options(ZoneInfo(options.zone), days, first_dose_from=options.first_dose)


def _weekdays(text: str) -> frozenset[int]:
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    wrong = [word for word in words if word not in DAYS]
    if wrong:
        raise BadInput(f"'{wrong[0]}' is not a weekday; write {', '.join(DAYS)}.")
    return frozenset(DAYS.index(word) for word in words)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date, such as 2026-11-23") from None
    if not FIRST <= day <= LAST:
        raise argparse.ArgumentTypeError(f"a plan lies between {FIRST} and {LAST}")
    return day


def _plain_list(listed: list[dict[str, object]]) -> str:
    return "\n".join(f"{one['id']}: {one['title']} (evidence: {one['evidence']})" for one in listed)


def _plain_plan(plan: PlannedVisits, protocol: Protocol) -> str:
    lines = [protocol.title.en]
    for visit in plan.visits:
        dose = f"dose {visit.dose_number}"
        what = dose if visit.kind is VisitKind.DOSING else f"{visit.kind.value} ({dose})"
        why = "".join(f"; {reason.code.value}" for reason in visit.reasons)
        lines.append(f"{visit.on:%a %Y-%m-%d} {visit.at:%H:%M}  {what}{why}")
    return "\n".join(lines)
