"""Quantiles over people, exact while they fit in memory, else counted in narrow bins.

A bin is 0.5 % wide on a logarithmic scale, so a counted quantile lies within 0.25 % of the person it falls
on; values below a millionth of the first part's peak count as that. Parts may come in any order and from any
machine.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVELS = (0.05, 0.50, 0.95)
BIN_WIDTH = 0.005
_DEEPEST = 1e-6
_HEADROOM = 1e3
_COLUMNS = 64  # times counted together, to keep what is needed for it small


class Quantiles(Protocol):
    """Collects (people, times) parts; then gives one row per level."""

    relative_error: float
    method: str

    def add(self, values: Floats) -> None: ...

    def result(self) -> Floats: ...


@dataclass
class ExactQuantiles:
    """Keeps every value: the sample quantile, linear between neighbours."""

    relative_error: float = 0.0
    method: str = "exact"
    _parts: list[Floats] = field(default_factory=list)

    def add(self, values: Floats) -> None:
        """Add people."""
        self._parts.append(values)

    def result(self) -> Floats:
        """(levels, times)."""
        everyone = np.concatenate(self._parts)
        everyone.sort(axis=0)
        place = np.array(LEVELS) * (len(everyone) - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, len(everyone) - 1)
        share = (place - low)[:, None]
        return np.asarray(everyone[low] * (1.0 - share) + everyone[high] * share)


@dataclass
class CountedQuantiles:
    """Counts values in logarithmic bins; memory does not grow with people."""

    relative_error: float = BIN_WIDTH / 2.0
    method: str = "counted in bins 0.5 % wide"
    _lowest: float = 0.0
    _counts: npt.NDArray[np.uint32] | None = None
    _bins: int = 0
    _people: int = 0

    def add(self, values: Floats) -> None:
        """Add people."""
        if self._counts is None:
            self._open(values)
        counts = self._counts
        if counts is None:
            raise AssertionError("opened above")
        for first in range(0, values.shape[1], _COLUMNS):
            self._count(values[:, first : first + _COLUMNS], counts[first : first + _COLUMNS])
        self._people += len(values)

    def result(self) -> Floats:
        """(levels, times): the middle of the bin in which the level falls; 0 for the lowest."""
        if self._counts is None:
            raise AssertionError("a quantile of nobody")
        parts = [self._middles(self._counts[i : i + _COLUMNS]) for i in range(0, len(self._counts), _COLUMNS)]
        return np.concatenate(parts, axis=1)

    def _middles(self, counts: npt.NDArray[np.uint32]) -> Floats:
        totals = np.cumsum(counts, axis=1)
        rows = []
        for level in LEVELS:
            index = (totals > level * (self._people - 1)).argmax(axis=1)
            middle = self._lowest * (1.0 + BIN_WIDTH) ** (index + 0.5)
            rows.append(np.where(index == 0, 0.0, middle))
        return np.stack(rows)

    def _count(self, values: Floats, counts: npt.NDArray[np.uint32]) -> None:
        place = np.log(np.maximum(values, self._lowest) / self._lowest) / np.log1p(BIN_WIDTH)
        index = np.minimum(place.astype(np.int64), self._bins - 1)
        flat = index + np.arange(values.shape[1]) * self._bins
        counts += np.bincount(flat.ravel(), minlength=counts.size).astype(np.uint32).reshape(counts.shape)

    def _open(self, values: Floats) -> None:
        peak = float(values.max(initial=0.0)) or 1.0
        self._lowest = peak * _DEEPEST
        self._bins = int(np.ceil(np.log(_HEADROOM / _DEEPEST) / np.log1p(BIN_WIDTH)))
        self._counts = np.zeros((values.shape[1], self._bins), dtype=np.uint32)
