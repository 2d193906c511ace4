"""`openkap audit verify`: read the audit chain again and say whether it is whole."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from openkap.cli.database import connected

if TYPE_CHECKING:
    from openkap.apps.audit.queries import Verification

FAULTS = {
    "changed": "the row of this link was changed",
    "missing": "the row of this link is gone",
    "broken": "this link does not follow from the one before, or differs from a kept head",
    "gap": "links before this one are gone",
    "inserted": "this row was slipped in among sealed ones",
    "cut": "the chain was longer once: everything up to this kept head is gone",
    "forged-head": "this kept head was not written by us",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    verify = commands.add_parser("verify", help="check every row of the audit trail against the chain")
    verify.add_argument("--json", action="store_true", help="print the result as JSON")
    verify.add_argument(
        "--heads",
        type=Path,
        metavar="FOLDER",
        help="folder of kept heads (default: audit-heads in OPENKAP_HOME)",
    )


def run(options: argparse.Namespace) -> int:
    """Verify; 0 when the trail is whole, 1 when it is not."""
    with connected():
        from openkap.apps.audit.queries import verify  # noqa: PLC0415 (Django must be set up first)

        found = verify(options.heads)
    if options.json:
        print(json.dumps(_as_json(found), indent=2))
    else:
        print("\n".join(_in_words(found)))
    return 0 if found.whole else 1


def _as_json(found: "Verification") -> dict[str, object]:
    return {
        "whole": found.whole,
        "links": found.links,
        "waiting": found.waiting,
        "faults": found.faults,
        "first_faults": [asdict(fault) for fault in found.first_faults],
        "head": None
        if found.head is None
        else {"position": found.head.position, "digest": found.head.digest.hex()},
        "heads_checked": found.heads_checked,
        "newest_head_at": None if found.newest_head_at is None else found.newest_head_at.isoformat(),
    }


def _in_words(found: "Verification") -> list[str]:
    said = [
        "The audit trail is whole." if found.whole else f"The audit trail is not whole: {found.faults} faults.",
        f"{found.links} rows in the chain, {found.waiting} waiting to be sealed.",
        f"{found.heads_checked} kept heads checked; the newest is of {found.newest_head_at or 'never'}.",
    ]
    if found.head is not None:
        said.append(f"Head: {found.head.position} {found.head.digest.hex()}")
    return said + [f"  {FAULTS[fault.kind]} ({fault.position})" for fault in found.first_faults]
