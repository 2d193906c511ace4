"""The modes of a compartmental system: its eigenvalues and eigenvectors, for many people at once.

Compartments that exchange both ways form a block (a plasma and its tissues); blocks feed each other one way
only (depot, parent, metabolite). A block shaped like a tree is similar to a symmetric matrix, so its spectrum
is real and its eigenvectors are computed stably; the blocks are then joined by substitution. Where two blocks
share a rate the joined eigenvectors do not exist: the result is not finite or grows without bound, which the
caller measures, and it then takes `exponential` instead.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Block = tuple[int, ...]


@dataclass(frozen=True)
class Modes:
    """A = vectors @ diag(values) @ inverse, per person: (p, n), (p, n, n), (p, n, n).

    `closest`: the smallest relative distance between rates of blocks that feed each other, (p,). Joining
    divides by it, and what is divided carries rounding of its own: the error grows with its inverse square.
    `spread`: the largest rate of a block over the smallest distance of its rates, (p,): what rounding of the
    largest does to the vectors of the others.
    """

    values: Floats
    vectors: Floats
    inverse: Floats
    closest: Floats
    spread: Floats


def modes_of(matrices: Floats) -> Modes:
    """Modes of (p, n, n) matrices that share a pattern. Entries are not finite where a person has none."""
    people, size, _ = matrices.shape
    blocks = blocks_of((matrices != 0.0).any(axis=0))
    values = np.zeros((people, size))
    vectors = np.zeros((people, size, size))
    inverse = np.zeros((people, size, size))
    modes = Modes(values, vectors, inverse, np.full(people, np.inf), np.ones(people))
    with np.errstate(all="ignore"):
        for position, block in enumerate(blocks):
            _solve_block(matrices, block, modes)
            for earlier in blocks[:position]:
                _join(matrices, earlier, block, modes)
            _invert_row(block, blocks[:position], vectors, inverse)
    return modes


def blocks_of(pattern: Flags) -> list[Block]:
    """Strongly connected compartments, upstream first. `pattern[i, j]`: j flows into i."""
    size = len(pattern)
    reach = pattern | np.eye(size, dtype=bool)
    for middle in range(size):
        reach |= reach[:, [middle]] & reach[[middle], :]
    mutual = reach & reach.T
    blocks = {tuple(int(i) for i in np.flatnonzero(row)) for row in mutual}
    return sorted(blocks, key=lambda block: (int(reach[block[0]].sum()), block))


def _solve_block(matrices: Floats, block: Block, modes: Modes) -> None:
    values, vectors, inverse = modes.values, modes.vectors, modes.inverse
    inside = np.ix_(range(len(matrices)), block, block)
    part = matrices[inside]
    if len(block) == 1:
        values[:, block[0]] = part[:, 0, 0]
        vectors[inside] = inverse[inside] = 1.0
        return
    balance = _balance(part)
    upper = np.sqrt(part * part.transpose(0, 2, 1))
    diagonal = np.einsum("pii->pi", part)
    symmetric = upper.copy()
    np.einsum("pii->pi", symmetric)[:] = diagonal
    usable = (
        np.isfinite(symmetric).all(axis=(1, 2)) & np.isfinite(balance).all(axis=1) & (balance > 0).all(axis=1)
    )
    symmetric[~usable] = np.eye(len(block))
    found, turn = np.linalg.eigh(symmetric)
    apart = np.diff(found, axis=1).min(axis=1)
    np.maximum(modes.spread, np.abs(found).max(axis=1) / apart, out=modes.spread)
    found[~usable] = np.nan
    values[:, list(block)] = found
    vectors[inside] = balance[:, :, None] * turn
    inverse[inside] = turn.transpose(0, 2, 1) / balance[:, None, :]


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
    """Carry the modes of `source` into `target`: v = V (lambda - Lambda)^-1 V^-1 (what flows in)."""
    values, vectors, inverse = modes.values, modes.vectors, modes.inverse
    people = range(len(matrices))
    columns, rows = list(source), list(target)
    inflow = matrices[:, rows, :] @ vectors[:, :, columns]
    inside = np.ix_(people, rows, rows)
    gap = values[:, None, columns] - values[:, rows, None]
    if (inflow != 0.0).any():
        larger = np.maximum(np.abs(values[:, None, columns]), np.abs(values[:, rows, None]))
        np.minimum(modes.closest, (np.abs(gap) / larger).min(axis=(1, 2)), out=modes.closest)
    quotient = (inverse[inside] @ inflow) / gap
    quotient = np.where((gap == 0.0) & (inflow.max(axis=1, initial=0.0) == 0.0)[:, None, :], 0.0, quotient)
    vectors[np.ix_(people, rows, columns)] = vectors[inside] @ quotient


def _invert_row(block: Block, earlier: list[Block], vectors: Floats, inverse: Floats) -> None:
    """Fill the rows of the inverse that belong to `block`, by forward substitution."""
    if not earlier:
        return
    rows = list(block)
    before = [compartment for part in earlier for compartment in part]
    people = range(len(vectors))
    left = vectors[np.ix_(people, rows, before)] @ inverse[np.ix_(people, before, before)]
    inverse[np.ix_(people, rows, before)] = -(inverse[np.ix_(people, rows, rows)] @ left)
