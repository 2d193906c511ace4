"""The exponential of a compartmental matrix, without cancellation.

Off its diagonal such a matrix is never negative. Shifted by its largest outflow it has no negative entry at
all, so the Taylor sum and every squaring add positive numbers only: each entry of the result, however small,
keeps its relative accuracy. Nothing is inverted and no eigenvector is needed, so equal rates, vanishing rates
and defective matrices are ordinary cases (Shao, Gao, Xue: Aggressively truncated Taylor series method for
accurate computation of exponentials of essentially nonnegative matrices; SIAM J Matrix Anal Appl
2014;35:317).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TERMS = 20  # 1/21! of the largest entry: below rounding for a norm of 1
_MOST_SQUARINGS = 1000


def exponential(matrices: Floats, spans: Floats | float) -> Floats:
    """exp(A t) for a stack of essentially non-negative matrices (..., n, n) and spans t >= 0 (...)."""
    size = matrices.shape[-1]
    scaled = matrices * np.asarray(spans, dtype=np.float64)[..., None, None]
    diagonal = np.einsum("...ii->...i", scaled)
    shift = np.maximum(-diagonal.min(axis=-1), 0.0) if size else np.zeros(scaled.shape[:-2])
    positive = scaled + shift[..., None, None] * np.eye(size)
    norm = positive.sum(axis=-1).max(axis=-1, initial=0.0)
    squarings = max(int(np.ceil(np.log2(max(float(norm.max(initial=0.0)), 1.0)))), 0)
    if squarings > _MOST_SQUARINGS or not np.isfinite(norm).all():
        return np.full_like(scaled, np.nan)
    part = positive * 2.0**-squarings
    result = _taylor(part) * np.exp(-shift * 2.0**-squarings)[..., None, None]
    for _ in range(squarings):
        result = result @ result
    return result


def _taylor(matrices: Floats) -> Floats:
    """The sum to `_TERMS`, in four blocks of powers (Paterson and Stockmeyer): all terms positive."""
    eye = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    powers = [eye, matrices]
    for _ in range(3):
        powers.append(powers[-1] @ matrices)
    fifth = powers[-1] @ matrices
    coefficients = np.cumprod([1.0, *(1.0 / k for k in range(1, _TERMS))])
    total = np.zeros_like(matrices)
    for block in range(_TERMS // 5 - 1, -1, -1):
        inner = sum(coefficients[5 * block + i] * powers[i] for i in range(5))
        total = total @ fifth + inner if block < _TERMS // 5 - 1 else np.asarray(inner)
    return total
