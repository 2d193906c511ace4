"""`openkap patients`: import charts, judge who may be treated."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openkap.cli.database import connected
from openkap.errors import BadInput, NotFound, OpenkapError
from openkap.units import Drug, Route

if TYPE_CHECKING:
    from openkap.apps.access.models import User
    from openkap.apps.audit.operations import SystemActor
    from openkap.apps.chart.operations import ImportResult
    from openkap.apps.sites.models import Site


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe `import` and `assess`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    taking = verbs.add_parser("import", help="take over charts from FHIR R4 bundles, one patient a file")
    taking.add_argument("files", nargs="+", type=Path, metavar="FILE")
    site = "where patients are registered; not needed if there is only one site"
    taking.add_argument("--site", metavar="NAME", help=site)
    taking.add_argument("--by", metavar="EMAIL", help="the member of staff who imports; by default the system")
    another = "register although somebody of this name and birth date is"
    taking.add_argument("--another-person", action="store_true", help=another)
    taking.add_argument("--json", action="store_true", help="write JSON")

    _configure_assess(verbs.add_parser("assess", help="judge who may be treated, by the rules in force"))


def _configure_assess(parser: argparse.ArgumentParser) -> None:
    about = parser.add_mutually_exclusive_group(required=True)
    about.add_argument("--patient", metavar="ID", help="public id or record number")
    about.add_argument("--bundle", type=Path, metavar="FILE", help="a FHIR R4 bundle; needs no database")
    indications = ("trd", "mdd", "mdd-si", "gad", "panic", "agoraphobia", "sad", "ptsd")
    parser.add_argument("--indication", required=True, choices=indications)
    parser.add_argument("--drug", required=True, choices=[drug.value for drug in Drug])
    parser.add_argument("--route", required=True, choices=[route.value for route in Route])
    parser.add_argument(
        "--on", type=_day, metavar="DATE", help="as of this day, such as 2026-11-21; by default today"
    )
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(options: argparse.Namespace) -> int:
    """Run one verb. Returns 1 if a file was refused; the others are imported. Raises `OpenkapError`."""
    if options.verb == "assess":
        return _assess(options)
    with connected():
        results = _import_all(options)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_plain(result) for result in results))
    return 1 if any("error" in result for result in results) else 0


def _assess(options: argparse.Namespace) -> int:
    if options.bundle is not None:
        judged = assess_bundle(options)
    else:
        with connected():
            judged = _assess_patient(options)
    if options.json:
        print(json.dumps(judged, ensure_ascii=False, indent=2))
    else:
        print(_judged_plainly(judged))
    return 0


def _assess_patient(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415 (Django must be set up first)

    from openkap.apps.assessment.judging import judge, scope  # noqa: PLC0415
    from openkap.apps.people.queries import patient_named  # noqa: PLC0415

    patient = patient_named(options.patient)
    wanted = scope(options.indication, options.drug, options.route, patient)
    judged = judge(patient, wanted, timezone.now(), options.on)
    return {"patient": str(patient.public_id)} | _asked(options, judged.on) | judged.as_json()


def assess_bundle(options: argparse.Namespace) -> dict[str, Any]:
    """The verdict on a file, by the knowledge of the package without any site's sign-offs."""
    from openkap import knowledge  # noqa: PLC0415 (slow to load, not every command needs it)
    from openkap.core.assessment import Scope, assess, assessment_as_json  # noqa: PLC0415
    from openkap.fhir.bundle import read_bundle  # noqa: PLC0415
    from openkap.fhir.facts import facts_of  # noqa: PLC0415

    today = datetime.now(UTC).date()
    on = options.on or today
    facts = facts_of(read_bundle(_read(options.bundle)), on)
    wanted = Scope(options.indication, Drug(options.drug), Route(options.route))
    judged = assess(facts, knowledge.load(today), wanted, on)
    return {"bundle": str(options.bundle)} | _asked(options, on) | assessment_as_json(judged)


def _asked(options: argparse.Namespace, on: date) -> dict[str, Any]:
    wanted = {name: getattr(options, name) for name in ("indication", "drug", "route")}
    return wanted | {"on": on.isoformat()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it as 2026-11-21") from error


def _judged_plainly(judged: dict[str, Any]) -> str:
    lines = [
        f"{judged['verdict']}: {judged['drug']} {judged['route']} for {judged['indication']} on {judged['on']}"
    ]
    for finding in judged["findings"]:
        lines.append(f"  {finding['action']}: {finding['title']} ({finding['rule']}, {finding['authority']})")
        lines += [f"    {fact['text']}: {fact['status']}" for fact in finding["fact"]]
        if finding["needs"]:
            lines.append(f"    needs: {finding['needs']}")
    counts = ", ".join(f"{len(judged[name])} {name}" for name in ("evaluated", "inactive", "inapplicable"))
    return "\n".join([*lines, f"Rules: {counts}."])


def _import_all(options: argparse.Namespace) -> list[dict[str, Any]]:
    site, by = _site(options.site), _actor(options.by)
    results = []
    for number, path in enumerate(options.files, start=1):
        if sys.stderr.isatty():
            print(f"{number}/{len(options.files)} {path.name}", file=sys.stderr)
        try:
            results.append(_import_one(path, site, by, another=options.another_person))
        except OpenkapError as error:
            print(f"openkap: {path}: {error}", file=sys.stderr)
            refused = {"code": error.code, "message": str(error)}
            results.append({"file": str(path), "patient": None, "error": refused})
    return results


def _import_one(path: Path, site: "Site", by: "User | SystemActor", *, another: bool) -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415 (Django must be set up first)

    from openkap.apps.chart.operations import import_bundle  # noqa: PLC0415

    result = import_bundle(by=by, now=timezone.now(), site=site, raw=_read(path), is_another_person=another)
    return (
        {"file": str(path)}
        | _patient(result)
        | {
            "created": result.created,
            "updated": result.updated,
            "unchanged": result.unchanged,
            "skipped": [asdict(skipped) for skipped in result.skipped],
        }
    )


def _read(path: Path) -> bytes:
    from openkap.fhir.reading import MAX_BYTES  # noqa: PLC0415 (slow to load, not every command needs it)

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one more than is allowed, so that the reader refuses it
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.") from error


def _patient(result: "ImportResult") -> dict[str, str]:
    patient = result.patient
    return {
        "patient": str(patient.public_id),
        "record_number": patient.record_number,
        "name": patient.name,
        "birth_date": patient.birth_date.isoformat(),
    }


def _site(name: str | None) -> "Site":
    from openkap.apps.sites.queries import all_sites  # noqa: PLC0415 (Django must be set up first)

    sites = list(all_sites())
    named = [site for site in sites if name is None or site.name.casefold() == name.casefold()]
    if len(named) == 1:
        return named[0]
    there = ", ".join(site.name for site in sites) or "none yet: add one first (`openkap demo` makes two)"
    if name is None:
        raise BadInput(f"Say at which site, with --site NAME. Sites: {there}.")
    raise NotFound(f"There is no single site '{name}'. Sites: {there}.")


def _actor(email: str | None) -> "User | SystemActor":
    from openkap.apps.access.queries import user_by_email  # noqa: PLC0415 (Django must be set up first)
    from openkap.apps.audit.operations import SystemActor  # noqa: PLC0415

    if email is None:
        return SystemActor()
    user = user_by_email(email)
    if user is None or not user.is_active:
        raise NotFound(f"Nobody with an open account signs in as {email}.")
    return user


def _plain(result: dict[str, Any]) -> str:
    if "error" in result:
        return f"{result['file']}: refused: {result['error']['message']}"
    counts = ", ".join(f"{result[name]} {name}" for name in ("created", "updated", "unchanged"))
    lines = [f"{result['file']}: {result['record_number']} {result['name']}: {counts}"]
    lines += [f"  left out: {s['n']} {s['type']}: {s['reason']}" for s in result["skipped"]]
    return "\n".join(lines)
