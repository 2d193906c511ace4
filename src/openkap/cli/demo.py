"""`openkap demo`: fill an empty database with the demonstration clinic."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from openkap.cli.database import connected
from openkap.config.home import home_directory
from openkap.errors import NotAllowedNow


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other people (default 1)")
    parser.add_argument("--patients", type=_count, default=60, metavar="N", help="how many (default 60)")
    parser.add_argument("--json", action="store_true", help="print the sign-ins as JSON")


def run(options: argparse.Namespace) -> int:
    """Make the clinic, or say that it is there. Raises `NotAllowedNow` when the database holds a real one."""
    with connected():
        from openkap.jobs import demo  # noqa: PLC0415 (Django must be set up first)
        from openkap.jobs.demo import sign_ins  # noqa: PLC0415

        home = home_directory()
        if demo.exists():
            return _there_already(demo.is_demonstration(), sign_ins.kept(home), as_json=options.json)
        clinic = demo.build(
            now=datetime.now(UTC),
            seed=options.seed,
            count=options.patients,
            progress=_bar(sys.stderr.isatty()),
        )
        text = sign_ins.as_text(clinic.sign_ins)
        path = sign_ins.keep(home, text)
    if options.json:
        print(
            json.dumps({"made": True, "sign_ins": [vars(one) for one in clinic.sign_ins]}, ensure_ascii=False)
        )
    else:
        print(f"{text}\n(also in {path})")
    return 0


def _there_already(is_demonstration: bool, text: str, *, as_json: bool) -> int:
    if not is_demonstration:
        raise NotAllowedNow("This database holds a clinic that is no demonstration. Nothing was changed.")
    if as_json:
        print(json.dumps({"made": False, "sign_ins": None}))
    else:
        print(text or "The demonstration clinic exists; its sign-ins were kept elsewhere.")
    return 0


def _bar(is_terminal: bool) -> Callable[[float], None]:
    """Says how far it has come, on stderr."""
    shown = -1

    def show(share: float) -> None:
        nonlocal shown
        percent = int(share * 20) * 5
        if percent == shown:
            return
        shown = percent
        end = "\r" if is_terminal and percent < 100 else "\n"
        if is_terminal or percent % 25 == 0:
            print(f"Making the demonstration clinic: {percent} %", end=end, file=sys.stderr, flush=True)

    return show


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 2000:
        raise argparse.ArgumentTypeError("from 1 to 2000 patients")
    return number
