"""Seconds from the command to the first page: `python -m benchmarks.starting`.

Of a new home, and of one that exists, which is what people wait for every day. Beside it, in turns in the same
run, what no start can be faster than: PostgreSQL alone on the same data, and Python loading Django.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.reporting import Line, conditions, report
from openkap.adapters.postgres.places import remove
from openkap.adapters.postgres.server import EmbeddedServer
from openkap.config.keys import passwords

ROUNDS = 5
AGAIN, POSTGRES, DJANGO = (
    "openkap serve, existing home",
    "postgres alone, same data",
    "python -c 'import django'",
)
OPENKAP = Path(sys.executable).with_name("openkap")


def serve(home: Path) -> float:
    """Start, wait for the line that says it is ready, and end it again; seconds to the line."""
    environment = {"PATH": os.environ["PATH"], "OPENKAP_HOME": str(home)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [OPENKAP, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "is ready at" in line:
            break
    else:
        raise SystemExit("it did not start")
    took = time.perf_counter() - began
    process.send_signal(signal.SIGTERM)
    process.stdout.read()
    process.wait()
    return took


def postgres_alone(home: Path) -> float:
    """Start the database of the home until it answers; seconds."""
    server = EmbeddedServer(home, passwords(home))
    began = time.perf_counter()
    server.start()
    took = time.perf_counter() - began
    server.stop()
    return took


def django_alone(_home: Path) -> float:
    """Seconds of a Python that loads Django and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import django"], check=True)
    return time.perf_counter() - began


MEASURED: Mapping[str, Callable[[Path], float]] = {
    AGAIN: serve,
    POSTGRES: postgres_alone,
    DJANGO: django_alone,
}


def main() -> None:
    """Measure on a new home, all kinds in turns, and leave nothing behind."""
    under = conditions()
    folder = Path(tempfile.mkdtemp(prefix="openkap-starting-"))
    home = folder / "home"
    try:
        first = serve(home)
        seconds: dict[str, list[float]] = {what: [] for what in MEASURED}
        for _ in range(ROUNDS):
            for what, measure in MEASURED.items():
                seconds[what].append(measure(home))
    finally:
        remove(home)
        shutil.rmtree(folder)
    lines = [line(what, took, seconds[AGAIN]) for what, took in seconds.items()]
    report(
        "starting",
        [*lines, line("openkap serve, new home (once)", [first], seconds[AGAIN])],
        under,
        rounds=ROUNDS,
    )


def line(what: str, took: list[float], base: list[float]) -> Line:
    """The median of the rounds, as a share of starting again."""
    median = statistics.median(took)
    ratio = median / statistics.median(base)
    return Line(what, round(median, 3), round(min(took), 3), round(max(took), 3), "s", round(ratio, 3))


if __name__ == "__main__":
    main()
