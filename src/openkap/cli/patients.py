"""`openkap patients`: import charts, judge who may be treated."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openkap.cli import patients_assess
from openkap.cli.database import connected
from openkap.cli.reading import read_file
from openkap.errors import BadInput, NotFound, OpenkapError

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

    patients_assess.configure(
        verbs.add_parser("assess", help="judge who may be treated, by the rules in force")
    )


def run(options: argparse.Namespace) -> int:
    """Run one verb. Returns 1 if a file was refused; the others are imported. Raises `OpenkapError`."""
    if options.verb == "assess":
        return patients_assess.run(options)
    with connected():
        results = _import_all(options)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_plain(result) for result in results))
    return 1 if any("error" in result for result in results) else 0


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

    result = import_bundle(by=by, now=timezone.now(), site=site, raw=read_file(path), is_another_person=another)
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
