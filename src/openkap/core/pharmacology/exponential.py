"""The exponential of a compartmental matrix, without cancellation.

Off its diagonal such a matrix is never negative. Shifted by its largest outflow it has no negative entry at
all, so the Taylor sum and every squaring add positive numbers only: small entries of the result keep their
relative accuracy (in a chain of more than a dozen compartments down to 1e-20 of what is held). Nothing is
inverted and no eigenvector is needed, so equal rates, vanishing rates and defective matrices are ordinary cases
(Shao, Gao, Xue: Aggressively truncated Taylor series method for accurate computation of exponentials of
essentially nonnegative matrices; SIAM J Matrix Anal Appl 2014;35:317).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TERMS = 20  # 1/21! of the largest entry: below rounding for a norm of 1
_POWERS = 5
_PART = 32  # matrices worked on at once: what they need stays in the processor's cache
_COEFFICIENTS = np.cumprod([1.0, *(1.0 / k for k in range(1, _TERMS))]).reshape(-1, _POWERS)
_LARGEST = 2.0**30  # norm: beyond it, rounding leaves fewer than six digits
NEAR = 2.0
_NEGLIGIBLE = 1e-20  # of all that is held
_OF_EACH = 1e-17  # of an entry


def exponential(matrices: Floats, spans: Floats | float) -> Floats:
    """exp(A t) for a stack of essentially non-negative matrices (..., n, n) and spans t >= 0 (...); NaN where a
    rate is so fast for its span that rounding leaves nothing to rely on.
    """
    size = matrices.shape[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = matrices * np.asarray(spans, dtype=np.float64)[..., None, None]
        diagonal = np.einsum("...ii->...i", scaled)
        shift = np.maximum(-diagonal.min(axis=-1), 0.0) if size else np.zeros(scaled.shape[:-2])
        positive = scaled + shift[..., None, None] * np.eye(size)
        norm = positive.sum(axis=-1).max(axis=-1, initial=0.0)
    unusable = ~(norm <= _LARGEST)
    positive[unusable], shift, norm = 0.0, np.where(unusable, 0.0, shift), np.where(unusable, 0.0, norm)
    # Each squaring doubles the relative error, so that nobody is squared for a neighbour's sake.
    squarings = np.ceil(np.log2(np.maximum(norm, 1.0)))
    shrink = 2.0**-squarings
    halved = (positive * shrink[..., None, None]).reshape(-1, size, size)
    factors, counts = np.exp(-shift * shrink).reshape(-1, 1, 1), squarings.reshape(-1)
    result = np.empty(scaled.shape)
    flat = result.reshape(-1, size, size)
    for begin in range(0, len(flat), _PART):
        here = slice(begin, begin + _PART)
        flat[here] = _squared(_taylor(halved[here]) * factors[here], counts[here])
    result[unusable] = np.nan
    return result


def carried(shifted: Floats, shifts: Floats, spans: Floats, states: Floats) -> Floats:
    """exp(A t) x for states x (people, n, k), where `shifted` is A + shift x identity: no entry is negative.

    The series of the state itself: cheaper than the matrix where shift x t is small (at most `NEAR`, or it
    would be long). All terms are positive here too.
    """
    reach = float((shifts * spans).max(initial=0.0))
    term, total = states, states.copy()
    bound, order = 1.0, 0
    # One step into each compartment of a chain at least, and then until its own share, however small, is whole.
    while bound > _NEGLIGIBLE or order <= states.shape[1] or (term > _OF_EACH * total).any():
        order += 1
        bound *= reach / order
        term = (shifted @ term) * (spans / order)[:, None, None]
        total += term
    return np.asarray(total * np.exp(-shifts * spans)[:, None, None])


def _squared(matrices: Floats, counts: Floats) -> Floats:
    """Each squared as often as it asks for."""
    for turn in range(int(counts.max(initial=0.0))):
        more = counts > turn
        if more.all():
            matrices = matrices @ matrices
        else:
            matrices[more] = matrices[more] @ matrices[more]
    return matrices


def _taylor(matrices: Floats) -> Floats:
    """The sum to `_TERMS`, in four blocks of powers (Paterson and Stockmeyer): all terms positive."""
    shape = matrices.shape
    size = shape[-1]
    powers = np.empty((*shape[:-2], _POWERS, size, size))
    powers[..., 0, :, :], powers[..., 1, :, :] = np.eye(size), matrices
    for power in range(2, _POWERS):
        np.matmul(powers[..., power - 1, :, :], matrices, out=powers[..., power, :, :])
    fifth = powers[..., -1, :, :] @ matrices
    flat = powers.reshape(*shape[:-2], _POWERS, size * size)
    blocks = (_COEFFICIENTS @ flat).reshape(*shape[:-2], -1, size, size)
    total = blocks[..., -1, :, :]
    for block in range(len(_COEFFICIENTS) - 2, -1, -1):
        total = total @ fifth
        total += blocks[..., block, :, :]
    return np.asarray(total)
