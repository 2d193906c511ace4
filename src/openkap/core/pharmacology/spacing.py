"""Where samples are evenly spaced, and how those of a schedule fall between its moments."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from openkap.core.pharmacology.linear_system import Floats

_BLOCK = 32  # fewer even samples are not worth a table of powers
_EVEN = 1e-10  # largest relative unevenness of a grid that still counts as even: a fast fall multiplies it
_MOST_RUNS = 8
_LAYOUTS = 64  # of schedules in use at a time


def runs_of(offsets: Floats) -> list[slice]:
    """Cut samples where their spacing changes, if it seldom does."""
    steps = np.diff(offsets)
    changes = np.flatnonzero(np.abs(np.diff(steps)) > _EVEN * steps[1:]) + 2
    if not len(changes) or len(changes) > _MOST_RUNS:
        return [slice(0, len(offsets))]
    edges = [0, *(int(i) for i in changes), len(offsets)]
    return [slice(begin, end) for begin, end in pairwise(edges)]


def even_step(offsets: Floats, fewest: int = _BLOCK) -> float | None:
    """The spacing of samples that are evenly spaced and not fewer than asked for, else None."""
    if len(offsets) < fewest:
        return None
    step = float(offsets[-1] - offsets[0]) / (len(offsets) - 1)
    even = offsets[0] + step * np.arange(len(offsets))
    return step if step > 0.0 and np.abs(offsets - even).max() <= _EVEN * step else None


@dataclass(frozen=True)
class Piece:
    """Neighbouring samples after one moment: the first one, how many, its distance and the last one's from the
    moment, and which pattern their distances from the first one follow.
    """

    moment: int
    first: int
    count: int
    offset: float
    last: float
    pattern: int


@dataclass(frozen=True)
class Layout:
    """All samples: those at a moment itself, (moment, sample) each; the others in pieces; and the patterns:
    distances from a piece's first sample, the longest asked for, and their step where they are even.
    """

    at_once: tuple[tuple[int, int], ...]
    pieces: tuple[Piece, ...]
    patterns: tuple[Floats, ...]
    steps: tuple[float | None, ...]

    def groups(self) -> list[tuple[int, int, list[int]]]:
        """Pieces that look alike: (pattern, count, numbers of the pieces), ascending."""
        found: dict[tuple[int, int], list[int]] = {}
        for number, piece in enumerate(self.pieces):
            found.setdefault((piece.pattern, piece.count), []).append(number)
        return [(*key, numbers) for key, numbers in sorted(found.items())]


def layout_of(moments: Floats, times: Floats) -> Layout:
    """How ascending times fall between moments (both (m,)), the first of which no time precedes."""
    return _layout(moments.tobytes(), times.tobytes())


@lru_cache(maxsize=_LAYOUTS)
def _layout(moments_held: bytes, times_held: bytes) -> Layout:
    moments, times = np.frombuffer(moments_held), np.frombuffer(times_held)
    owner = np.maximum(np.searchsorted(moments, times, side="right") - 1, 0)
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(owner))), len(times)]
    patterns, pieces, at_once = _Patterns(), [], []
    for begin, end in pairwise(edges):
        moment = int(owner[begin])
        later = begin + int(np.searchsorted(times[begin:end], moments[moment], side="right"))
        at_once += [(moment, sample) for sample in range(begin, later)]
        offsets = times[later:end] - moments[moment]
        for run in runs_of(offsets) if len(offsets) else ():
            inside = offsets[run]
            place = patterns.place(inside - inside[0])
            where = (later + run.start, len(inside))
            pieces.append(Piece(moment, *where, float(inside[0]), float(inside[-1]), place))
    steps = tuple(even_step(pattern) for pattern in patterns.found)
    return Layout(tuple(at_once), tuple(pieces), tuple(patterns.found), steps)


class _Patterns:
    """Distances from a first sample, each once. Even ones of one step share the longest."""

    def __init__(self) -> None:
        self.found: list[Floats] = []
        self._steps: dict[str, int] = {}

    def place(self, distances: Floats) -> int:
        step = even_step(distances, fewest=2)
        key = "" if len(distances) == 1 else f"{step:.12e}" if step is not None else None
        if key is None or key not in self._steps:
            self.found.append(distances)
            if key is not None:
                self._steps[key] = len(self.found) - 1
            return len(self.found) - 1
        place = self._steps[key]
        if len(distances) > len(self.found[place]):
            self.found[place] = distances
        return place
