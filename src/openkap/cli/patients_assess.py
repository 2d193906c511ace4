"""`openkap patients assess`: one patient, one file, or everyone."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openkap.cli.database import connected
from openkap.cli.reading import read_file
from openkap.units import Drug, Route

if TYPE_CHECKING:
    from openkap.apps.assessment.judging import Judged

INDICATIONS = ("trd", "mdd", "mdd-si", "gad", "panic", "agoraphobia", "sad", "ptsd")
TOLD_EVERY = 250  # patients


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe it."""
    about = parser.add_mutually_exclusive_group(required=True)
    about.add_argument("--patient", metavar="ID", help="public id or record number")
    about.add_argument("--bundle", type=Path, metavar="FILE", help="a FHIR R4 bundle; needs no database")
    about.add_argument("--all", action="store_true", help="everyone: verdict and findings by rule, in short")
    parser.add_argument("--indication", required=True, choices=INDICATIONS)
    parser.add_argument("--drug", required=True, choices=[drug.value for drug in Drug])
    parser.add_argument("--route", required=True, choices=[route.value for route in Route])
    parser.add_argument(
        "--on", type=_day, metavar="DATE", help="as of this day, such as 2026-11-21; by default today"
    )
    where = "whose rules apply to a bundle, such as US-CA; by default those of all places"
    parser.add_argument("--jurisdiction", metavar="PLACE", help=where)
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(options: argparse.Namespace) -> int:
    """Judge and print. Raises `OpenkapError`."""
    if options.all:
        with connected():
            return _assess_all(options)
    if options.bundle is not None:
        judged = assess_bundle(options)
    else:
        with connected():
            judged = _assess_patient(options)
    print(json.dumps(judged, ensure_ascii=False, indent=2) if options.json else _plainly(judged))
    return 0


def assess_bundle(options: argparse.Namespace) -> dict[str, Any]:
    """The verdict on a file, by the knowledge of the package without any site's sign-offs.

    What a clinician would have read of its results is not in a file: such items of clearance are open.
    """
    from openkap import knowledge  # noqa: PLC0415 (slow to load, not every command needs it)
    from openkap.core.assessment import Scope, assess, assessment_as_json  # noqa: PLC0415
    from openkap.core.assessment import clearance as cleared  # noqa: PLC0415
    from openkap.fhir.bundle import read_bundle  # noqa: PLC0415
    from openkap.fhir.facts import facts_of  # noqa: PLC0415

    today = datetime.now(UTC).date()
    on = options.on or today
    charted = facts_of(read_bundle(read_file(options.bundle)), on)
    wanted = Scope(options.indication, Drug(options.drug), Route(options.route), options.jurisdiction)
    known = knowledge.load(today)
    states = cleared.clearance(charted, cleared.Kept(), known, wanted, on)
    judged = assess((*charted, *cleared.clearance_facts(states)), known, wanted, on)
    whole = cleared.with_findings(judged, cleared.clearance_findings(states))
    return {"bundle": str(options.bundle)} | _asked(options, on) | assessment_as_json(whole)


def _assess_patient(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415 (Django must be set up first)

    from openkap.apps.assessment.judging import judge, scope  # noqa: PLC0415
    from openkap.apps.people.queries import patient_named  # noqa: PLC0415

    patient = patient_named(options.patient)
    wanted = scope(options.indication, options.drug, options.route, patient)
    judged = judge(patient, wanted, timezone.now(), options.on)
    return {"patient": str(patient.public_id)} | _asked(options, judged.on) | judged.as_json()


def _assess_all(options: argparse.Namespace) -> int:
    """One JSON value, written as it is found; or a count of the verdicts."""
    verdicts: Counter[str] = Counter()
    if options.json:
        print(json.dumps(_treatment(options))[:-1] + ', "patients": [')
    for number, (name, judged) in enumerate(_everyone(options), start=1):
        verdicts[judged.verdict.value] += 1
        if options.json:
            print(("" if number == 1 else ",") + json.dumps(_briefly(name, judged)))
        if sys.stderr.isatty() and number % TOLD_EVERY == 0:
            print(f"{number} judged", file=sys.stderr)
    counted = {"n": verdicts.total(), "verdicts": dict(sorted(verdicts.items()))}
    print("], " + json.dumps(counted)[1:] if options.json else _counted(options, verdicts))
    return 0


def _everyone(options: argparse.Namespace) -> Iterator[tuple[str, "Judged"]]:
    from django.utils import timezone  # noqa: PLC0415 (Django must be set up first)

    from openkap.apps.assessment.judging_many import judge_many  # noqa: PLC0415
    from openkap.apps.people.queries import everyone  # noqa: PLC0415

    treatment = (options.indication, options.drug, options.route)
    patients = everyone().iterator(chunk_size=TOLD_EVERY)
    for patient, judged in judge_many(patients, treatment, timezone.now(), options.on):
        yield str(patient.public_id), judged


def _briefly(name: str, judged: "Judged") -> dict[str, Any]:
    findings = {finding.rule_id: finding.action.value for finding in judged.open_findings}
    return {
        "patient": name,
        "on": judged.on.isoformat(),
        "verdict": judged.verdict.value,
        "findings": findings,
    }


def _treatment(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("indication", "drug", "route")}


def _asked(options: argparse.Namespace, on: date) -> dict[str, Any]:
    return _treatment(options) | {"on": on.isoformat()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-11-21") from error


def _counted(options: argparse.Namespace, verdicts: Counter[str]) -> str:
    counts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items())) or "nobody"
    return f"{options.drug} {options.route} for {options.indication}: {counts}."


def _plainly(judged: dict[str, Any]) -> str:
    lines = [
        f"{judged['verdict']}: {judged['drug']} {judged['route']} for {judged['indication']} on {judged['on']}"
    ]
    for finding in judged["findings"]:
        lines.append(f"  {finding['action']}: {finding['title']} ({finding['rule']}, {finding['authority']})")
        lines += [f"    {fact['text']}: {fact['status']}" for fact in finding["fact"]]
        lines += [f"    source: {source['citation']}: {source['locator']}" for source in finding["source"]]
        if finding["needs"]:
            lines.append(f"    needs: {finding['needs']}")
    counts = ", ".join(f"{len(judged[name])} {name}" for name in ("evaluated", "inactive", "inapplicable"))
    return "\n".join([*lines, f"Rules: {counts}."])
