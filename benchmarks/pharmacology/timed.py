"""What was timed, for the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """One line: people per second per core, the spread of its rounds, and its largest errors (plasma,
    metabolite, turnover).
    """

    name: str
    people: int
    threads: int
    per_second: float
    slowest: float
    fastest: float
    error: tuple[float, ...] | None
    absent: str = ""
    written: float = 1.0

    @property
    def per_core(self) -> float:
        return self.per_second / max(self.threads, 1)

    @property
    def accuracy(self) -> str:
        """The largest error of each kind."""
        return "-" if self.error is None else " / ".join(f"{error:.0e}" for error in self.error)
