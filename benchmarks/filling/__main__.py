"""Two hundred patients who fill in questionnaires at once: `python -m benchmarks.filling [--people 200]`.

A real `openkap serve` with its own PostgreSQL, as it is in use; the patients are a process of its own on the
same machine, so what they cost is in the figures. First at the pace of people (2 to 4 s for each answer), in
rounds; then as fast as it goes. Afterwards the database is asked whether every answer that was acknowledged is
there and every score right. Fails when something was lost, when a request failed, or when at the pace of people
the 95th percentile of all requests is 300 ms or more.
"""

import argparse
import os
import secrets
import shutil
import statistics
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from benchmarks.reporting import Conditions, Line, conditions, report

TARGET_P95_MS = 300
PEOPLE, FAST = "as people do", "as fast as it goes"


def main() -> int:
    """Measure, print, and leave nothing behind."""
    parser = argparse.ArgumentParser(description="Many patients who fill in questionnaires at once.")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2, help="at the pace of people")
    parser.add_argument("--fast", type=int, default=1, metavar="ROUNDS", help="as fast as it goes")
    options = parser.parse_args()
    under, folder = conditions(), Path(tempfile.mkdtemp(prefix="openkap-filling-"))
    home = folder / "home"
    os.environ |= {"OPENKAP_HOME": str(home), "OPENKAP_SECRET_KEY": secrets.token_urlsafe(48)}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openkap.config.settings")
    django.setup()
    measurement = import_module("benchmarks.filling.measurement")
    paces = [PEOPLE] * options.rounds + [FAST] * options.fast
    try:
        with measurement.served(home) as serving:
            rounds = [
                measurement.play(serving, pace, options.people, seed) for seed, pace in enumerate(paces, 1)
            ]
    finally:
        import_module("openkap.adapters.postgres.places").remove(home)
        shutil.rmtree(folder, ignore_errors=True)
    return told(rounds, under, options.people)


def told(rounds: list[Any], under: Conditions, people: int) -> int:
    """Print and keep it; the exit code."""
    for found in rounds:
        print(in_words(found))
    lines = [line(pace, name, rounds) for pace in (PEOPLE, FAST) for name in ("p50", "p95", "p99")]
    kept = [asdict(found) | {"whole": found.verdict.whole} for found in rounds]
    lifted = -os.getpriority(os.PRIO_PROCESS, 0)  # above that of other work on the machine
    report(
        "filling",
        [one for one in lines if one],
        under,
        people=people,
        rounds=kept,
        lifted=lifted,
        target=TARGET_P95_MS,
    )
    slow = any(found.pace == PEOPLE and found.every.p95 >= TARGET_P95_MS for found in rounds)
    return int(slow or any(found.errors or not found.verdict.whole for found in rounds))


def line(pace: str, name: str, rounds: list[Any]) -> Line | None:
    """The middle of the rounds of one pace, and their range."""
    found = sorted(getattr(one.every, name) for one in rounds if one.pace == pace)
    if not found:
        return None
    middle = round(statistics.median(found), 1)
    return Line(f"{pace}, {name} of all requests", middle, found[0], found[-1], "ms")


def in_words(found: Any) -> str:
    """A round as it is printed."""
    verdict = found.verdict
    said = [f"-- {found.pace}: {found.seconds} s, load {found.load} before; cores busy {found.cores}"]
    said += [
        f"{one.kind:<22} {one.count:>7,} p50 {one.p50:>8,.1f}  p95 {one.p95:>8,.1f}"
        f"  p99 {one.p99:>8,.1f}  longest {one.longest:>8,.1f} ms"
        for one in (found.every, *found.kinds)
    ]
    said += [
        f"{found.every.count / found.seconds:,.0f} requests a second; {len(found.errors)} errors",
        *(f"  {error}" for error in sorted(set(found.errors))[:5]),
        *(f"  the product's log: {line}" for line in found.logged[:5]),
        f"{verdict.answers:,} answers acknowledged, {len(verdict.lost)} lost",
        f"{verdict.responses:,} handed in, {len(verdict.missing)} missing, {len(verdict.wrong)} wrongly scored",
        f"{len(verdict.unaudited)} not in the trail",
    ]
    return "\n".join(said)


if __name__ == "__main__":
    sys.exit(main())
