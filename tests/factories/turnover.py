"""An exact turnover: one compartment and its effect site in closed form, the integral at 30 digits."""

from collections.abc import Sequence

import mpmath
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DIGITS = 30


def site_level(time: float, rate: float, ke0: float, peak: float, span: float) -> mpmath.mpf:
    """The effect site after a bolus that makes the plasma `peak`, or an infusion over `span` that would without
    loss: plasma falls at `rate`, the site follows at `ke0`.
    """
    t, k, e = (mpmath.mpf(value) for value in (time, rate, ke0))
    if span == 0.0:
        return mpmath.mpf(peak) * e / (e - k) * (mpmath.exp(-k * t) - mpmath.exp(-e * t))
    return mpmath.mpf(peak) / span * (_filled(t, k, e) - _filled(max(t - span, mpmath.mpf(0)), k, e))


def _filled(t: mpmath.mpf, k: mpmath.mpf, e: mpmath.mpf) -> mpmath.mpf:
    """The site while an infusion of one per time runs on for ever."""
    return 1 / k - e / (k * (e - k)) * mpmath.exp(-k * t) + mpmath.exp(-e * t) / (e - k)


def exact_turnover(
    times: Sequence[float], rate: float, effect: Floats, peak: float, span: float
) -> list[float]:
    """R at ascending times, 1 at first; `effect`: KE0, C50, H, EMAX, KOUT."""
    ke0, c50, steepness, emax, kout = (float(value) for value in effect)
    with mpmath.workdps(DIGITS):

        def driven(time: mpmath.mpf) -> mpmath.mpf:
            raised = (max(site_level(time, rate, ke0, peak, span), mpmath.mpf(0)) / c50) ** steepness
            return 1 + emax * raised / (1 + raised)

        found, value, now = [], mpmath.mpf(1), mpmath.mpf(0)
        corners = sorted({*times, *([span] if 0.0 < span < times[-1] else [])})
        for then in map(mpmath.mpf, corners):
            if then > now:
                edges = [now, *_between(now, then), then]
                gained = mpmath.quad(
                    lambda s, end=then: kout * mpmath.exp(-kout * (end - s)) * driven(s), edges
                )
                value, now = value * mpmath.exp(-kout * (then - now)) + gained, then
            if float(then) in times:
                found.append(float(value))
    return found


def _between(now: mpmath.mpf, then: mpmath.mpf) -> list[mpmath.mpf]:
    """Places to cut: close together where the level may grow from nothing."""
    return [
        now + (then - now) * share for share in (mpmath.mpf(10) ** -4, mpmath.mpf(10) ** -2, mpmath.mpf("0.2"))
    ]
