"""What was timed, for the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """One line: people per second per core, the spread of its rounds, and its largest error (plasma,
    metabolite).
    """

    name: str
    people: int
    threads: int
    per_second: float
    slowest: float
    fastest: float
    error: tuple[float, float] | None
    absent: str = ""
    written: float = 1.0

    @property
    def per_core(self) -> float:
        return self.per_second / max(self.threads, 1)
