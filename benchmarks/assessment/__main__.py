"""Patients judged by every rule in force, one and 50,000: `python -m benchmarks.assessment`.

The charts are the synthetic ones of the tests, for four treatments in turns. They are in memory, so that the
figure is of the rules. At last as many in a database, judged by `openkap patients assess --all`, which reads
every row of every chart besides; `--stored 0` leaves that out.
"""

import argparse
import gzip
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import cycle, islice
from pathlib import Path

from benchmarks.assessment import everyone
from benchmarks.reporting import Line, conditions, report
from openkap import knowledge
from openkap.core.assessment import Fact, Scope, assess
from openkap.fhir.bundle import read_bundle
from openkap.fhir.facts import facts_of
from openkap.units import Drug, Route

CHARTS = Path(__file__).parents[2] / "tests" / "reference" / "fhir"
DAY = date(2026, 11, 21)
MANY = 50_000
ROUNDS = 5
TREATMENTS = (
    Scope("trd", Drug.KETAMINE, Route.IV, "US-CA"),
    Scope("trd", Drug.ESKETAMINE, Route.IN, "US-CA"),
    Scope("gad", Drug.KETAMINE, Route.SL, "US-CA"),
    Scope("panic", Drug.KETAMINE, Route.IM, "US-CA"),
)
COLD = """
import time
from datetime import date
from openkap import knowledge
from openkap.core.assessment import Scope, assess
from openkap.units import Drug, Route
assess((), knowledge.load(date(2026, 11, 21)), Scope("trd", Drug.KETAMINE, Route.IV), date(2026, 11, 21))
print(time.process_time())
"""


def charts() -> list[tuple[Fact, ...]]:
    """The synthetic charts of the tests as facts."""
    paths = sorted(CHARTS.glob("**/*.json.gz"))
    return [facts_of(read_bundle(gzip.decompress(path.read_bytes())), DAY) for path in paths]


def each(people: Sequence[tuple[Fact, ...]]) -> list[float]:
    """Milliseconds of the processor for each patient and treatment, in a process that has judged before."""
    known = knowledge.load(DAY)
    took = []
    for scope in TREATMENTS:
        for facts in people:
            assess(facts, known, scope, DAY)
            began = time.process_time()
            assess(facts, known, scope, DAY)
            took.append((time.process_time() - began) * 1000)
    return took


def cold() -> float:
    """Milliseconds of the processor for the first assessment of a process, its imports included."""
    said = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True)
    return float(said.stdout) * 1000


def all_of_them(people: Sequence[tuple[Fact, ...]]) -> tuple[float, float]:
    """Judge 50,000 in turns of charts and treatments; seconds by the clock, and of the processor."""
    known = knowledge.load(DAY)
    pairs = islice(zip(cycle(people), cycle(TREATMENTS), strict=False), MANY)
    clock, processor = time.perf_counter(), time.process_time()
    verdicts = Counter(assess(facts, known, scope, DAY).verdict for facts, scope in pairs)
    took = time.perf_counter() - clock, time.process_time() - processor
    if verdicts.total() != MANY:
        raise SystemExit("not everyone was judged")
    return took


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description="How long judging patients takes.")
    parser.add_argument("--stored", type=int, default=MANY, metavar="PATIENTS", help="in a database; 0: none")
    options = parser.parse_args()
    under, people = conditions(), charts()
    single = sorted(each(people))
    once = [cold() for _ in range(ROUNDS)]
    first = statistics.median(single)
    clock, processor = all_of_them(people)
    lines = [
        of("one patient, of the processor", single, "ms", first),
        of("one patient, first of a process, imports included", once, "ms", first),
        of(f"{MANY:,} patients, one process, by the clock", [clock], "s", None),
        of(f"{MANY:,} patients, one process, of the processor", [processor], "s", None),
    ]
    facts = round(statistics.mean(len(chart) for chart in people))
    more: dict[str, object] = {"rules": len(knowledge.load(DAY).rules), "facts": facts, "charts": len(people)}
    if options.stored:
        found = everyone.measure(options.stored)
        lines += stored(found)
        more["rows"] = found.rows
    report("assessment", lines, under, **more)


def stored(found: everyone.Took) -> list[Line]:
    """What the command took."""
    what = f"{found.patients:,} patients in a database, the whole command"
    return [
        of(f"{what}, by the clock", [found.seconds], "s", None),
        of(f"{what}, of the processor", [found.processor], "s", None),
        of(f"{what}, most memory held", [found.memory], "MB", None),
    ]


def of(what: str, took: list[float], unit: str, base: float | None) -> Line:
    """The median of the rounds."""
    middle = statistics.median(took)
    ratio = None if base is None else round(middle / base, 2)
    return Line(what, round(middle, 3), round(min(took), 3), round(max(took), 3), unit, ratio)


if __name__ == "__main__":
    main()
