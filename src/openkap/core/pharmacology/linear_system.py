"""What the solver is given and gives back: rates, inputs, and the amounts that are observed."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Status(StrEnum):
    """How a result came about. Anything but a solved one holds no numbers to rely on."""

    CLOSED_FORM = "closed form"
    PROPAGATED = "propagated"  # the matrix exponential, where rates coincide, vanish or are defective
    MIXED = "closed form, some propagated"
    NOT_FINITE = "not finite"


@dataclass(frozen=True)
class LinearSystem:
    """dx/dt = A x + input, observed as scale x (amount in a compartment).

    `rates`: A, (people, n, n), 1/time; `observed`: the compartment of each observable;
    `scales`: (people, observables).
    """

    rates: Floats
    observed: tuple[int, ...]
    scales: Floats

    @property
    def people(self) -> int:
        """How many people are solved at once."""
        return len(self.rates)

    @property
    def size(self) -> int:
        """How many compartments there are."""
        return int(self.rates.shape[-1])

    def of(self, chosen: npt.NDArray[np.bool_]) -> "LinearSystem":
        """The same system for some of the people."""
        return LinearSystem(self.rates[chosen], self.observed, self.scales[chosen])


@dataclass(frozen=True)
class Inputs:
    """Amounts that enter at a constant rate, or at once where the span is zero.

    `compartments`: (inputs,); `starts`, `spans`, `amounts`: (people or 1, inputs).
    """

    compartments: Ints
    starts: Floats
    spans: Floats
    amounts: Floats

    @classmethod
    def none(cls) -> "Inputs":
        """Nothing is given."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((1, 0)), np.zeros((1, 0)), np.zeros((1, 0)))

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Inputs":
        """The same inputs for some of the people."""
        return Inputs(
            self.compartments,
            *(a if len(a) == 1 else a[chosen] for a in (self.starts, self.spans, self.amounts)),
        )

    def between(self, start: float, end: float) -> "Inputs":
        """What of them falls into [start, end)."""
        rows = max(len(self.starts), len(self.spans), len(self.amounts))
        starts, spans, amounts = (
            np.broadcast_to(a, (rows, a.shape[1])) for a in (self.starts, self.spans, self.amounts)
        )
        ends, bolus = starts + spans, spans == 0.0
        first, last = np.maximum(starts, start), np.minimum(ends, end)
        whole = (first == starts) & (last == ends)
        inside = np.where(bolus, (starts >= start) & (starts < end), last > first)
        share = np.divide(last - first, spans, out=np.ones_like(spans), where=~bolus & ~whole)
        kept_spans = np.where(bolus | ~inside, 0.0, np.where(whole, spans, last - first))
        return Inputs(
            self.compartments,
            np.where(inside, first, start),
            kept_spans,
            np.where(inside, amounts * share, 0.0),
        )


@dataclass(frozen=True)
class Solution:
    """`values`: (people, observables, times); `final`: the amounts at the end, (people, n)."""

    values: Floats
    final: Floats
    status: Status
    propagated: int = 0
