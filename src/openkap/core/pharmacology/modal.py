"""The modes of a compartmental system: its eigenvalues and eigenvectors, for many people at once.

Compartments that exchange both ways form a block (a plasma and its tissues); blocks feed each other one way
only (depot, parent, metabolite). A block shaped like a tree is similar to a symmetric matrix, so its spectrum
is real and its eigenvectors are computed stably; the blocks are then joined by substitution. Where two blocks
share a rate the joined eigenvectors do not exist: the result is not finite or grows without bound, which the
caller measures, and it then takes `exponential` instead.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Block = tuple[int, ...]


_ROUNDING = 2.0 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Modes:
    """A = vectors @ diag(values) @ inverse, per person: (p, n), (p, n, n), (p, n, n).

    `value_errors`, `vector_errors`, `inverse_errors`: how far rounding may have moved each of them, absolute,
    to first order. A component of a vector may be far smaller than the vector, and is then uncertain by more
    than its own rounding. `closest`: the smallest relative distance between rates of blocks that feed each
    other, (p,).
    """

    values: Floats
    vectors: Floats
    inverse: Floats
    value_errors: Floats
    vector_errors: Floats
    inverse_errors: Floats
    closest: Floats

    def of(self, chosen: Flags) -> "Modes":
        """The same for some of the people."""
        return Modes(**{name: held[chosen] for name, held in vars(self).items()})


def modes_of(matrices: Floats) -> Modes:
    """Modes of (p, n, n) matrices that share a pattern. Entries are not finite where a person has none."""
    people, size, _ = matrices.shape
    blocks = blocks_of((matrices != 0.0).any(axis=0))
    square = (people, size, size)
    modes = Modes(
        values=np.zeros((people, size)),
        vectors=np.zeros(square),
        inverse=np.zeros(square),
        value_errors=np.zeros((people, size)),
        vector_errors=np.zeros(square),
        inverse_errors=np.zeros(square),
        closest=np.full(people, np.inf),
    )
    with np.errstate(all="ignore"):
        for position, block in enumerate(blocks):
            _solve_block(matrices, block, modes)
            before = tuple(sorted(compartment for earlier in blocks[:position] for compartment in earlier))
            if before:
                _join(matrices, before, block, modes)
                _invert_row(block, before, modes)
    return modes


def closest_single_rates(matrices: Floats) -> Floats:
    """The smallest relative distance between rates of single compartments that feed each other, (p,).

    A cheap look ahead of `modes_of`: the transits of a chain share one rate, whoever it is.
    """
    reached = reach((matrices != 0.0).any(axis=0))
    single = (reached & reached.T).sum(axis=0) == 1
    targets, sources = np.nonzero(reached & single[:, None] & single & ~np.eye(len(single), dtype=bool))
    rates = np.abs(np.einsum("pii->pi", matrices))
    one, other = rates[:, targets], rates[:, sources]
    with np.errstate(all="ignore"):
        apart = np.abs(one - other) / np.maximum(one, other)
    return np.asarray(apart.min(axis=1, initial=np.inf))


def reach(pattern: Flags) -> Flags:
    """Which compartment anything in which other one ever comes to: [to, from]."""
    size = len(pattern)
    found = pattern | np.eye(size, dtype=bool)
    for middle in range(size):
        found |= found[:, [middle]] & found[[middle], :]
    return np.asarray(found)


def blocks_of(pattern: Flags) -> list[Block]:
    """Strongly connected compartments, upstream first. `pattern[i, j]`: j flows into i."""
    reached = reach(pattern)
    mutual = reached & reached.T
    blocks = {tuple(int(i) for i in np.flatnonzero(row)) for row in mutual}
    return sorted(blocks, key=lambda block: (int(reached[block[0]].sum()), block))


def _run(compartments: Block) -> slice | list[int]:
    """Their index: a slice, which makes no copy, where they are neighbours."""
    first, last = compartments[0], compartments[-1]
    if compartments == tuple(range(first, last + 1)):
        return slice(first, last + 1)
    return list(compartments)


def _where(people: int, rows: Block, columns: Block) -> Any:
    """The index of everybody's entries in these rows and columns."""
    found = _run(rows), _run(columns)
    if all(isinstance(one, slice) for one in found):
        return slice(None), *found
    return np.ix_(range(people), rows, columns)


def _solve_block(matrices: Floats, block: Block, modes: Modes) -> None:
    inside = _where(len(matrices), block, block)
    part = matrices[inside]
    if len(block) == 1:
        modes.values[:, block[0]] = part[:, 0, 0]
        modes.value_errors[:, block[0]] = _ROUNDING * np.abs(part[:, 0, 0])
        modes.vectors[inside] = modes.inverse[inside] = 1.0
        return
    balance = _balance(part)
    symmetric = np.sqrt(part * part.transpose(0, 2, 1))
    np.einsum("pii->pi", symmetric)[:] = np.einsum("pii->pi", part)
    usable = (
        np.isfinite(symmetric).all(axis=(1, 2)) & np.isfinite(balance).all(axis=1) & (balance > 0).all(axis=1)
    )
    symmetric[~usable] = np.eye(len(block))
    found, turn = np.linalg.eigh(symmetric)
    found[~usable] = np.nan
    moved = _ROUNDING * np.abs(found).max(axis=1)
    modes.values[:, _run(block)] = found
    modes.value_errors[:, _run(block)] = moved[:, None]
    modes.vectors[inside] = balance[:, :, None] * turn
    modes.inverse[inside] = turn.transpose(0, 2, 1) / balance[:, None, :]
    errors = _turned(found, np.abs(turn), moved)
    modes.vector_errors[inside] = balance[:, :, None] * errors
    modes.inverse_errors[inside] = errors.transpose(0, 2, 1) / balance[:, None, :]


def _turned(values: Floats, turn: Floats, moved: Floats) -> Floats:
    """How far a disturbance of the size `moved` turns each eigenvector toward the others."""
    gaps = np.abs(values[:, :, None] - values[:, None, :])
    np.einsum("pii->pi", gaps)[:] = np.inf
    return np.asarray(turn @ (moved[:, None, None] / gaps) + _ROUNDING * turn)


def _balance(part: Floats) -> Floats:
    """Scale factors d that make D^-1 A D symmetric, walking the tree from its first compartment; NaN if no
    tree.
    """
    size = part.shape[1]
    linked = (part != 0.0).any(axis=0)
    linked = linked | linked.T
    np.fill_diagonal(linked, val=False)
    if linked.sum() != 2 * (size - 1):
        return np.full(part.shape[:2], np.nan)
    factors = np.ones(part.shape[:2])
    seen, waiting = {0}, [0]
    while waiting:
        here = waiting.pop()
        for there in np.flatnonzero(linked[here]):
            if int(there) not in seen:
                factors[:, there] = factors[:, here] * np.sqrt(part[:, there, here] / part[:, here, there])
                seen.add(int(there))
                waiting.append(int(there))
    return factors


def _join(matrices: Floats, source: Block, target: Block, modes: Modes) -> None:
    """Carry the modes of `source`, all that is upstream, into `target`: v = V (lambda - Lambda)^-1 V^-1 (what
    flows in).
    """
    people, columns, rows = len(matrices), _run(source), _run(target)
    into, inside = _where(people, target, source), _where(people, target, target)
    flows = np.maximum(matrices[:, rows, :], 0.0)
    inflow, inflow_errors = flows @ modes.vectors[:, :, columns], flows @ modes.vector_errors[:, :, columns]
    gap = modes.values[:, None, columns] - modes.values[:, rows, None]
    size = np.abs(gap)
    larger = np.maximum(np.abs(modes.values[:, None, columns]), np.abs(modes.values[:, rows, None]))
    fed = (inflow != 0.0).any(axis=(0, 1))
    np.minimum(modes.closest, (size / larger)[:, :, fed].min(axis=(1, 2), initial=np.inf), out=modes.closest)
    quotient = (modes.inverse[inside] @ inflow) / gap
    quotient = np.where((gap == 0.0) & (inflow.max(axis=1, initial=0.0) == 0.0)[:, None, :], 0.0, quotient)
    moved = modes.value_errors[:, None, columns] + modes.value_errors[:, rows, None]
    turned = _product_errors(modes.inverse[inside], modes.inverse_errors[inside], inflow, inflow_errors)
    errors = (turned + np.abs(quotient) * moved) / np.where(size == 0.0, np.inf, size)
    modes.vectors[into] = modes.vectors[inside] @ quotient
    modes.vector_errors[into] = _product_errors(
        modes.vectors[inside], modes.vector_errors[inside], quotient, errors
    )


def _product_errors(one: Floats, one_errors: Floats, other: Floats, other_errors: Floats) -> Floats:
    """How far a product of two uncertain matrices may be off."""
    left, right = np.abs(one), np.abs(other)
    return np.asarray(left @ (other_errors + _ROUNDING * right) + one_errors @ right)


def _invert_row(block: Block, before: Block, modes: Modes) -> None:
    """Fill the rows of the inverse that belong to `block`, by forward substitution."""
    people = len(modes.vectors)
    into, inside = _where(people, block, before), _where(people, block, block)
    known = _where(people, before, before)
    left = modes.vectors[into] @ modes.inverse[known]
    left_errors = _product_errors(
        modes.vectors[into], modes.vector_errors[into], modes.inverse[known], modes.inverse_errors[known]
    )
    modes.inverse[into] = -(modes.inverse[inside] @ left)
    modes.inverse_errors[into] = _product_errors(
        modes.inverse[inside], modes.inverse_errors[inside], left, left_errors
    )
