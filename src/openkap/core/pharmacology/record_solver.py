"""Dosing records through a generic model, one subject at a time, exactly.

Parameters may change at records: `forward` holds a record's values until the next one, `backward` uses the
next record's values on the way to it. The lag of a dose is that of its own record, for its additional doses
too; its fraction, modelled rate and duration are those in force when it enters (NONMEM Users Guide V,
chapter 12, 2.7), and stay. At equal times events happen in the order of the file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from itertools import groupby

import numpy as np

from openkap.core.pharmacology.generic_models import GenericModel
from openkap.core.pharmacology.linear_system import Floats
from openkap.core.pharmacology.records import DosingRecord, Event
from openkap.core.pharmacology.steady_state import carry, plateau, still_running, trough
from openkap.errors import BadInput
from openkap.knowledge.schema.expression import Expression


class Carry(StrEnum):
    """Which record's covariates hold between two records."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True)
class Observed:
    """The amount in a compartment at a record, and its concentration where it has a volume."""

    row: int
    subject: str
    time: float
    compartment: int
    amount: float
    concentration: float | None


@dataclass(frozen=True)
class RecordModel:
    """A generic model with its parameters as formulas of the columns."""

    model: GenericModel
    parameters: Mapping[str, Expression]

    def values_at(self, record: DosingRecord) -> dict[str, float]:
        """Every parameter at one record: a column of its name wins, then its formula, then its default."""
        columns = dict(record.values)
        own = {self.model.name_of(k): v for k, v in columns.items() if self._is_parameter(k)}
        values = {**self.model.optional}
        for name, formula in self.parameters.items():
            values[name] = self._evaluate(name, formula, columns, record)
        values |= own
        for name in self.model.required:
            if name not in values:
                raise BadInput(f"{self.model.structure} needs {name}.", field=name)
        for name, value in values.items():
            self._check(name, value, record)
        return values

    def rates_of(self, values: Mapping[str, float]) -> Floats:
        """The matrix of first-order rates."""
        place = {name: i for i, name in enumerate(self.model.compartments)}
        rates = np.zeros((len(place), len(place)))
        for flow in self.model.flows:
            rate = float(flow.rate.evaluate(values))
            rates[place[flow.source], place[flow.source]] -= rate
            if flow.to is not None:
                rates[place[flow.to], place[flow.source]] += rate
        return rates

    def _is_parameter(self, name: str) -> bool:
        return name in {*self.model.required, *self.model.optional, *self.model.modelled}

    def _evaluate(
        self, name: str, formula: Expression, columns: Mapping[str, float], record: DosingRecord
    ) -> float:
        try:
            value = formula.evaluate(columns)
            if isinstance(value, complex):  # a power of a negative number
                raise record.bad(name, f"{formula} is no real number here.")
            return float(value)
        except KeyError as error:
            raise record.bad(error.args[0], f"is missing, and {name} = {formula} needs it.") from None
        except (ZeroDivisionError, OverflowError, TypeError) as error:
            raise record.bad(name, f"{formula} cannot be computed: {error}.") from None

    def _check(self, name: str, value: float, record: DosingRecord) -> None:
        must_be_positive = name.startswith("V")
        if not np.isfinite(value) or value < 0 or (must_be_positive and value == 0):
            raise record.bad(name, f"{value:g} is not a {'positive' if must_be_positive else 'usable'} value.")
        if name == "FM" and value > 1:
            raise record.bad(name, "the fraction that becomes the metabolite is at most 1.")


def solve_records(model: RecordModel, records: Sequence[DosingRecord], carried: Carry) -> Iterator[Observed]:
    """Amounts and concentrations at every record that is not a dose or a reset, in file order."""
    for _, group in groupby(records, key=lambda record: record.subject):
        yield from _Subject(model, list(group), carried).run()


@dataclass(frozen=True)
class _Series:
    """Equal doses into one compartment: each one's amount, how long it takes (0: at once), and its lag."""

    compartment: int
    amount: float
    duration: float
    lag: float

    @property
    def rate(self) -> float:
        return self.amount / self.duration

    def through(self, rates: Floats, amounts: Floats, running: list[float], span: float) -> Floats:
        """Amounts after `span`, with some of the infusions running on for the times given."""
        unit = np.zeros_like(amounts)
        unit[self.compartment] = self.rate if running else 0.0
        now = 0.0
        for stop in sorted({min(rest, span) for rest in running} | {span}):
            inflow = sum(rest > now for rest in running) * unit
            amounts, now = carry(rates, amounts, inflow, stop - now), stop
        return amounts


@dataclass(order=True)
class _Arrival:
    """A dose on its way: when it comes, and its place in the file for ties."""

    time: float
    row: int
    turn: int
    record: DosingRecord = field(compare=False)


@dataclass
class _Infusion:
    compartment: int
    rate: float
    end: float


class _Subject:
    """The state of one subject while its records are worked through."""

    def __init__(self, model: RecordModel, records: list[DosingRecord], carried: Carry) -> None:
        self._model, self._records, self._carried = model, records, carried
        self._values = [model.values_at(record) for record in records]
        self._rates = [model.rates_of(values) for values in self._values]
        self._amounts = np.zeros(len(model.model.compartments))
        self._now = records[0].time
        self._infusions: list[_Infusion] = []
        self._coming: list[_Arrival] = []

    def run(self) -> Iterator[Observed]:
        for position, record in enumerate(self._records):
            if record.event in (Event.RESET, Event.RESET_AND_DOSE):
                self._reset()
                self._now = record.time
            else:
                between = position if self._carried is Carry.BACKWARD else max(position - 1, 0)
                self._go_to(record, self._values[between], self._rates[between])
            if record.is_dose:
                self._give(record, self._values[position], self._rates[position])
                self._land_due(record, self._values[position])
            elif record.event is not Event.RESET:
                yield self._observe(record, self._values[position])

    def _reset(self) -> None:
        self._amounts[:] = 0.0
        self._infusions.clear()
        self._coming.clear()

    def _go_to(self, record: DosingRecord, values: Mapping[str, float], rates: Floats) -> None:
        """Pass every arrival and infusion end up to a record; arrivals at its own time only of earlier rows."""
        while self._coming and (self._coming[0].time, self._coming[0].row) < (record.time, record.row):
            self._flow_to(max(self._coming[0].time, self._now), rates)
            self._land(heappop(self._coming), values)
        self._flow_to(record.time, rates)

    def _land_due(self, record: DosingRecord, values: Mapping[str, float]) -> None:
        while self._coming and (self._coming[0].time, self._coming[0].row) <= (record.time, record.row):
            self._land(heappop(self._coming), values)

    def _flow_to(self, time: float, rates: Floats) -> None:
        while self._now < time:
            stop = min([time, *(i.end for i in self._infusions)])
            inflow = np.zeros_like(self._amounts)
            for infusion in self._infusions:
                inflow[infusion.compartment] += infusion.rate
            self._amounts = carry(rates, self._amounts, inflow, stop - self._now)
            self._now = stop
            self._infusions = [i for i in self._infusions if i.end > stop]

    def _land(self, arrival: _Arrival, values: Mapping[str, float]) -> None:
        series = self._series(arrival.record, values)
        if series.duration == 0.0:
            self._amounts[series.compartment] += series.amount
        else:
            end = arrival.time + series.duration
            self._infusions.append(_Infusion(series.compartment, series.rate, end))

    def _give(self, record: DosingRecord, values: Mapping[str, float], rates: Floats) -> None:
        series = self._series(record, values)
        if record.steady_state:
            self._settle(record, rates, series)
            if record.amount == 0.0:
                return
        for turn in range(record.additional + 1):
            when = record.time + series.lag + turn * record.interval
            heappush(self._coming, _Arrival(when, record.row, turn, record))

    def _series(self, record: DosingRecord, values: Mapping[str, float]) -> _Series:
        """A dose with the fraction, rate or duration, and lag of these values."""
        number = self._number_of(record)
        amount = values[f"F{number}"] * record.amount
        duration = self._duration(record, values, number, amount)
        return _Series(number - 1, amount, duration, values[f"ALAG{number}"])

    def _duration(self, record: DosingRecord, values: Mapping[str, float], number: int, amount: float) -> float:
        """RATE > 0: F x AMT / RATE; -1: F x AMT / R; -2: D."""
        if record.rate == 0.0 or record.amount == 0.0:
            return 0.0
        if record.rate > 0.0:
            return amount / record.rate
        name = f"{'R' if record.rate == -1.0 else 'D'}{number}"
        if not values.get(name):
            raise record.bad("RATE", f"{record.rate:g} needs a positive parameter {name}.")
        return amount / values[name] if record.rate == -1.0 else values[name]

    def _settle(self, record: DosingRecord, rates: Floats, series: _Series) -> None:
        """SS 1 replaces everything by the steady state; SS 2 adds the steady state to what is there."""
        if record.amount and series.lag >= record.interval:
            raise record.bad("SS", "a lag as long as the interval has no steady state here.")
        if record.steady_state == 1:
            self._reset()
        try:
            if record.amount == 0.0:
                self._amounts += plateau(rates, series.compartment, record.rate)
                return
            before = trough(rates, series.compartment, series.amount, series.duration, record.interval)
        except BadInput as error:
            raise record.bad("SS", str(error)) from None
        self._amounts += self._at_phase(record, rates, series, before)

    def _at_phase(self, record: DosingRecord, rates: Floats, series: _Series, before: Floats) -> Floats:
        """The steady state at the record: with a lag, its last dose came one interval less the lag ago."""
        running = still_running(series.duration, record.interval) if series.duration else []
        elapsed = record.interval - series.lag if series.lag > 0.0 else 0.0
        if elapsed:
            before = before.copy()
            if series.duration:
                running.append(series.duration)
            else:
                before[series.compartment] += series.amount
            before = series.through(rates, before, running, elapsed)
        self._infusions += [
            _Infusion(series.compartment, series.rate, record.time + rest - elapsed)
            for rest in running
            if rest > elapsed
        ]
        return before

    def _number_of(self, record: DosingRecord) -> int:
        model = self._model.model
        default = 1 if record.is_dose else model.central
        number = record.compartment or default
        if not 1 <= number <= len(model.compartments):
            raise record.bad(
                "CMT", f"{model.structure} has compartments 1 to {len(model.compartments)}, not {number}."
            )
        return number

    def _observe(self, record: DosingRecord, values: Mapping[str, float]) -> Observed:
        number = self._number_of(record)
        amount = float(self._amounts[number - 1])
        if not np.isfinite(amount):
            raise record.bad("TIME", "some rate is too fast for so long a time to be computed.")
        volume = self._model.model.volumes.get(self._model.model.compartments[number - 1])
        level = None if volume is None else amount / values[volume]
        return Observed(record.row, record.subject, record.time, number, amount, level)
