"""How a benchmark says what it found: a table for people, JSON for scripts under benchmarks/output."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

OUTPUT = Path(__file__).parent / "output"
BUSY = 0.5  # load per core from which a run says that the machine was busy


@dataclass(frozen=True)
class Line:
    """One thing that was measured: the median of its rounds, and the range they lay in."""

    what: str
    median: float
    lowest: float
    highest: float
    unit: str
    ratio: float | None = None  # to the first line of the table

    def in_words(self) -> str:
        """As it is printed."""
        ratio = "" if self.ratio is None else f"  {self.ratio:.2f} of the first"
        middle = f"{self.median:>10,.2f} {self.unit} ({self.lowest:,.2f} to {self.highest:,.2f})"
        return f"{self.what:<58} {middle}{ratio}"


@dataclass(frozen=True)
class Conditions:
    """Where and when it was measured. A busy machine makes every figure worse, and ratios less sure."""

    date: str
    cores: int
    processor: str
    python: str
    load_before: float

    @property
    def busy(self) -> bool:
        """Whether other work ran when the measuring began."""
        return self.load_before > BUSY * self.cores


def conditions() -> Conditions:
    """Of this moment. Ask before measuring."""
    return Conditions(
        f"{datetime.now(UTC):%Y-%m-%d}",
        os.cpu_count() or 1,
        platform.machine(),
        platform.python_version(),
        round(os.getloadavg()[0], 1),
    )


def report(name: str, lines: Sequence[Line], under: Conditions, **more: object) -> None:
    """Print the table and keep it as benchmarks/output/<name>.json."""
    for line in lines:
        print(line.in_words())
    if under.busy:
        print(f"The machine was busy: load {under.load_before} on {under.cores} cores. Measure when quiet.")
    found = {
        "benchmark": name,
        "conditions": {**asdict(under), "busy": under.busy},
        "lines": [asdict(line) for line in lines],
        **more,
    }
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
