"""Inputs laid out as a timeline: the moments at which something starts or stops, and what flows in between."""

from dataclasses import dataclass

import numpy as np

from openkap.core.pharmacology.linear_system import Floats, Inputs, Ints


@dataclass(frozen=True)
class Timeline:
    """`moments`: (people or 1, m), ascending, the first is the start; amounts that jump in at each moment and
    rates that hold from it to the next: (people or 1, m, n)."""

    moments: Floats
    jumps: Floats
    flows: Floats

    @property
    def is_shared(self) -> bool:
        """Whether the moments are the same for everybody."""
        return len(self.moments) == 1

    def index_of(self, times: Floats) -> Ints:
        """For each time the last moment at or before it: (people or 1, times)."""
        rows = [np.searchsorted(row, times, side="right") - 1 for row in self.moments]
        return np.maximum(np.stack(rows), 0)


def timeline(inputs: Inputs, size: int, start: float) -> Timeline:
    """Lay out inputs from `start` on. What starts earlier must have been cut by the caller."""
    starts, spans = _same_rows(inputs.starts, inputs.spans)
    # Input by input: two people may have the same moments, and different inputs at them.
    if len(starts) > 1 and (starts == starts[0]).all() and (spans == spans[0]).all():
        starts, spans = starts[:1], spans[:1]
    ends = starts + spans
    moments = np.concatenate([np.full((len(starts), 1), start), starts, ends], axis=1)
    moments.sort(axis=1)
    if len(moments) == 1:
        moments = np.unique(moments, axis=None)[None, :]
    people = max(len(moments), len(inputs.amounts))
    bolus = spans == 0.0
    rate = np.divide(
        inputs.amounts,
        spans,
        out=np.zeros(np.broadcast_shapes(inputs.amounts.shape, spans.shape)),
        where=~bolus,
    )
    here = moments[:, :, None]
    running = (starts[:, None, :] <= here) & (here < ends[:, None, :])
    landing = bolus[:, None, :] & (starts[:, None, :] == here) & _first_of_equals(moments)[:, :, None]
    place = np.zeros((len(inputs.compartments), size))
    place[np.arange(len(inputs.compartments)), inputs.compartments] = 1.0
    flows = (running * rate[:, None, :]) @ place
    jumps = (landing * inputs.amounts[:, None, :]) @ place
    shape = (people, moments.shape[1], size)
    return Timeline(moments, np.broadcast_to(jumps, shape), np.broadcast_to(flows, shape))


def _first_of_equals(moments: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Marks one of several equal moments, so that a bolus lands once."""
    first = np.ones(moments.shape, dtype=bool)
    first[:, 1:] = moments[:, 1:] != moments[:, :-1]
    return first


def _same_rows(*arrays: Floats) -> list[Floats]:
    rows = max(len(a) for a in arrays)
    return [np.broadcast_to(a, (rows, a.shape[1])) for a in arrays]
