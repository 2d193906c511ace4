"""`openkap ...`: the command line for people and scripts.

One module per subject, loaded only when its command is asked for, so that a command starts fast and works
without what it does not need (a database, for one). A module has `configure(parser)` and `run(options) -> int`.
"""

import argparse
import os
import sys
from importlib import import_module
from typing import Protocol, cast

from openkap import __version__
from openkap.errors import OpenkapError

# subject: what `openkap --help` says of it
SUBJECTS: dict[str, str] = {
    "patients": "import charts, judge who may be treated",
    "pk": "predict concentrations, solve dosing records, compare regimens",
    "measures": "score an instrument, judge a change of score",
    "knowledge": "check records and wording packs before they are used",
    "plan": "list protocols, compile one into dated visits",
    "setup": "begin: the first site, its administrator and medical director",
    "demo": "fill an empty database with the demonstration clinic",
    "serve": "run OpenKAP: database, worker and pages",
    "migrate": "bring the database to the present form",
    "health": "ask a running OpenKAP whether it is well",
    "audit": "check that the audit trail is whole",
    "staff": "add sites and accounts, help someone who cannot sign in",
}


class Subject(Protocol):
    """What a module of this package offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> int: ...


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 refused with its reason on stderr, 2 wrong usage."""
    arguments = sys.argv[1:] if argv is None else argv
    root = argparse.ArgumentParser(
        prog="openkap", description="Runs a ketamine-assisted psychotherapy programme."
    )
    root.add_argument("--version", action="version", version=f"openkap {__version__}")
    commands = root.add_subparsers(dest="subject", required=True, metavar="COMMAND")
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, summary in SUBJECTS.items():
        parser = commands.add_parser(name, help=summary, description=summary)
        if name == asked:
            subject = cast(Subject, import_module(f"openkap.cli.{name}"))
            subject.configure(parser)
            parser.set_defaults(run=subject.run)
    options = root.parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except OpenkapError as error:
        print(f"openkap: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code
