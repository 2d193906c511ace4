"""Seconds from the command to the first page: the first start of a home, and later ones (`make bench`).

Prints one JSON object: the first start, and the median and the slowest of the later ones.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openkap.adapters.postgres.places import remove

LATER_STARTS = 5
OPENKAP = Path(sys.executable).with_name("openkap")


def seconds_to_ready(home: Path) -> float:
    """Start, wait for the line that says it is ready, and end it again."""
    environment = {"PATH": os.environ["PATH"], "OPENKAP_HOME": str(home)}
    began = time.perf_counter()
    words = [OPENKAP, "serve", "--port", "0"]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
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


def main() -> None:
    """Measure on a new home, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="openkap-starting-"))
    try:
        first = seconds_to_ready(folder / "home")
        later = [seconds_to_ready(folder / "home") for _ in range(LATER_STARTS)]
    finally:
        remove(folder / "home")
        shutil.rmtree(folder)
    report = {"first": first, "later_median": statistics.median(later), "later_slowest": max(later)}
    print(json.dumps({name: round(seconds, 2) for name, seconds in report.items()}))


if __name__ == "__main__":
    main()
