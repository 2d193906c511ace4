"""The dose as really given: stretches of running time, and milligrams to the second."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class Stretch:
    """A time in which the dose ran at one rate. `until` is None while it runs. Rate in mg per second."""

    since: datetime
    until: datetime | None
    rate: Fraction

    def amount(self, at: datetime) -> Fraction:
        """Milligrams given in this stretch by `at`."""
        end = at if self.until is None else min(self.until, at)
        seconds = max(0, int((end - self.since) / timedelta(seconds=1)))
        return seconds * self.rate


@dataclass(frozen=True)
class Portion:
    """Milligrams that went in, or will, evenly from `since` to `until`; all at once where the two are one."""

    since: datetime
    until: datetime
    mg: Fraction


@dataclass(frozen=True)
class Dose:
    """One dose of the session: `ordered_mg` in all, in stretches; `over_at` once it ended or was stopped."""

    ordered_mg: Decimal
    started_at: datetime
    stretches: tuple[Stretch, ...]
    over_at: datetime | None = None
    stopped: bool = False
    read_mg: Decimal | None = None  # the pump's own figure at the end; wins over the computed one

    @classmethod
    def start(cls, ordered_mg: Decimal, at: datetime, duration: timedelta) -> "Dose":
        """A dose that begins at `at`. Without a duration it is given whole, and over, at once."""
        seconds = int(duration / timedelta(seconds=1))
        if seconds == 0:
            return cls(ordered_mg, at, (), over_at=at)
        return cls(ordered_mg, at, (Stretch(at, None, Fraction(ordered_mg) / seconds),))

    @property
    def at_once(self) -> bool:
        return not self.stretches

    @property
    def running(self) -> bool:
        return self.over_at is None and self.stretches[-1].until is None

    @property
    def paused(self) -> bool:
        return self.over_at is None and self.stretches[-1].until is not None

    @property
    def rate(self) -> Fraction | None:
        """Milligrams per second of the last stretch."""
        return self.stretches[-1].rate if self.stretches else None

    def paused_at(self, at: datetime) -> "Dose":
        last = self.stretches[-1]
        return self._with((*self.stretches[:-1], Stretch(last.since, at, last.rate)))

    def resumed_at(self, at: datetime, rate: Fraction | None = None) -> "Dose":
        return self._with((*self.stretches, Stretch(at, None, rate or self.stretches[-1].rate)))

    def over(self, at: datetime, *, stopped: bool, read_mg: Decimal | None) -> "Dose":
        closed = self.paused_at(at) if self.running else self
        return Dose(self.ordered_mg, self.started_at, closed.stretches, at, stopped, read_mg)

    def given_mg(self, at: datetime) -> Decimal:
        """Milligrams given by `at`, never more than ordered, rounded down to a thousandth."""
        if at < self.started_at:
            return Decimal(0)
        if self.read_mg is not None and self.over_at is not None and at >= self.over_at:
            return self.read_mg
        if self.at_once:
            return self.ordered_mg
        amount = min(sum((s.amount(at) for s in self.stretches), Fraction(0)), Fraction(self.ordered_mg))
        exact = Decimal(amount.numerator) / Decimal(amount.denominator)
        return min(exact.quantize(THOUSANDTH, rounding=ROUND_DOWN), self.ordered_mg)

    def full_at(self) -> datetime | None:
        """When the whole amount is, or will be, given at the present rate; None if it stands still before."""
        if self.at_once:
            return self.started_at
        left = Fraction(self.ordered_mg)
        for stretch in self.stretches:
            needed = stretch.since + timedelta(seconds=float(left / stretch.rate))
            if stretch.until is None or stretch.until >= needed:
                return needed
            left -= stretch.amount(stretch.until)
        return None

    def portions(self) -> tuple[Portion, ...]:
        """What was given, and what the running stretch still gives at its rate: never more than was ordered.

        The pump stops at the end of the syringe, not when somebody confirms it. Where its own figure was read
        the stretches keep their times and share that figure.
        """
        if self.at_once:
            return (Portion(self.started_at, self.started_at, Fraction(self.ordered_mg)),)
        return self._as_read(self._as_computed())

    def _as_computed(self) -> list[Portion]:
        left, found = Fraction(self.ordered_mg), []
        for stretch in self.stretches:
            full = stretch.since + timedelta(seconds=float(left / stretch.rate))
            until = full if stretch.until is None else min(stretch.until, full)
            mg = left if until == full else stretch.amount(until)
            if mg > 0:
                found.append(Portion(stretch.since, until, mg))
            left -= mg
        return found

    def _as_read(self, computed: list[Portion]) -> tuple[Portion, ...]:
        if self.read_mg is None:
            return tuple(computed)
        read, total = Fraction(self.read_mg), sum((p.mg for p in computed), Fraction(0))
        if not read:
            return ()
        if not total:  # stopped within its first second, and yet something had gone in
            return (Portion(self.started_at, self.started_at, read),)
        return tuple(Portion(p.since, p.until, p.mg * read / total) for p in computed)

    def _with(self, stretches: tuple[Stretch, ...]) -> "Dose":
        return Dose(self.ordered_mg, self.started_at, stretches)
