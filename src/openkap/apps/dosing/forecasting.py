"""The predicted concentration of a session: from the doses really given and what is still to run.

A prediction for people like this one, never a measurement; it counts toward nothing (DESIGN: four ideas, 4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.dosing.giving import MINUTE, Further, doses_given, further_of
from openkap.apps.dosing.interacting import taken_by
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import knowledge_of
from openkap.apps.dosing.predicting import (
    SHOWN,
    fitting,
    is_assumed,
    just_before,
    refusal_words,
    usable_models,
)
from openkap.apps.dosing.substances import ANALYTES, SHORT_ANALYTES, SITES
from openkap.apps.dosing.wording import said
from openkap.apps.knowledge_base.words import VERIFICATION_NAMES
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.state import SessionState
from openkap.core.pharmacology import Covariates, Curve, Exposure, GivenDose, PkModel, RangeState, Sex, forecast
from openkap.core.pharmacology.interactions import Interacting, Outcome, with_interactions
from openkap.errors import OpenkapError

EVERY_MIN = 2
AHEAD_MIN = 240

Point = tuple[int, float | None, float, float]


@dataclass(frozen=True)
class Forecast:
    """What the axis draws, or why there is nothing.

    `points`: (milliseconds since 1970, typical, 5 %, 95 %) in `unit`; typical is None on an assumed route,
    where only a band is honest. `about` says what is predicted and where it would be sampled; `notes` what else
    a reader must know, one sentence each.
    """

    available: bool
    reason: str = ""
    model: str = ""
    substance: str = ""
    about: str = ""
    unit: str = ""
    band: str = ""
    notes: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()


def forecast_key(state: SessionState) -> str:
    """Changes when, and only when, the forecast does: with what was given, what is to come, and the weight."""
    if state.dose is None:
        return ""
    parts = [f"{p.since.isoformat()}/{p.until.isoformat()}/{p.mg}" for p in state.dose.portions()]
    more = [f"{one.at.isoformat()}/{one.words}" for one in further_of(state)]
    return "|".join([*parts, *more, str(state.weight_kg)])


def forecast_of(session: Session, state: SessionState, order: Order) -> Forecast:
    """The prediction for the session as it stands; plainly none where it cannot be made."""
    doses = doses_given(state, order, session.dose_number)
    if reason := _impossible(session, state, doses):
        return Forecast(False, reason)
    models = fitting(usable_models(knowledge_of(session, state.at)).values(), doses)
    if not models:
        return Forecast(False, _("No prediction: no model in force here has this drug by this route."))
    try:
        return _predicted(session, state, order, doses, models[0])
    except OpenkapError as error:
        return Forecast(False, _("No prediction: %(reason)s") % {"reason": refusal_words(error)})


def _impossible(session: Session, state: SessionState, doses: Sequence[GivenDose]) -> str:
    """Why nothing can be predicted from what was entered; '' where it can."""
    unread = next((one for one in further_of(state) if one.dose is None), None)
    if state.dose is None:
        return _("The prediction begins with the dose.")
    if state.weight_kg is None:
        return _("No prediction without today's weight.")
    if unread is not None:
        words = _("No prediction: '%(what)s' at %(time)s cannot be read as a dose (such as 10 mg, IV).")
        return words % {"what": unread.words, "time": _clock(session, unread.at)}
    return "" if doses else _("No prediction: nothing was given.")


def _predicted(
    session: Session, state: SessionState, order: Order, doses: Sequence[GivenDose], model: PkModel
) -> Forecast:
    covariates = Covariates(
        weight_kg=float(state.weight_kg or 0), age_years=order.age, sex=_sex(session.patient.sex)
    )
    here = with_interactions(
        model, doses, taken_by(session.patient, knowledge_of(session, state.at), _day(session))
    )
    times = times_of(doses)
    exposure = forecast(here.model, doses, covariates, times)
    curve = _curve(exposure)
    if curve is None or state.dose is None:
        return Forecast(False, _("No prediction: this model gives no interval here."))
    what = {"substance": ANALYTES[curve.analyte], "site": SITES.get(curve.site, curve.site)}
    return Forecast(
        available=True,
        model=said(model.title),
        substance=str(SHORT_ANALYTES[curve.analyte]),
        about="; ".join([_("%(substance)s in %(site)s, predicted") % what, *_flags(state, exposure, here)]),
        unit=curve.unit,
        band=_band_words(assumed=is_assumed(model, doses)),
        notes=(
            *(_further_words(session, one) for one in further_of(state)),
            *_interacting(here),
            *_of_model(model, exposure, doses),
        ),
        points=_points(state.dose.started_at, times, curve),
    )


def times_of(doses: Sequence[GivenDose]) -> tuple[float, ...]:
    """An even grid from the start of the dose, and each moment at which something starts or stops.

    What is given at once makes a step: the moment before it is among them.
    """
    grid = {float(minute) for minute in range(0, AHEAD_MIN + 1, EVERY_MIN)}
    moments = {moment for dose in doses for moment in (dose.start_min, dose.end_min)}
    moments |= set(just_before(doses))
    return tuple(sorted(grid | {moment for moment in moments if 0 <= moment <= AHEAD_MIN}))


def _curve(exposure: Exposure) -> Curve | None:
    """The drug itself, with its interval."""
    found = [curve for analyte in SHOWN for curve in exposure.curves if curve.analyte is analyte]
    return next((curve for curve in found if curve.p05 is not None and curve.p95 is not None), None)


def _points(started_at: datetime, times: Sequence[float], curve: Curve) -> tuple[Point, ...]:
    assert curve.p05 is not None and curve.p95 is not None  # noqa: S101, PT018  `_curve` has looked
    middle = [None] * len(times) if curve.typical is None else [float(value) for value in curve.typical]
    return tuple(
        (round((started_at + t * MINUTE).timestamp() * 1000), m, float(low), float(high))
        for t, m, low, high in zip(times, middle, curve.p05, curve.p95, strict=True)
    )


def _band_words(*, assumed: bool) -> str:
    if assumed:
        return _("band only, from an assumed range: 5 to 95 of 100 people")
    return _("line: a typical person; band: 5 to 95 of 100 people")


def _flags(state: SessionState, exposure: Exposure, here: Interacting) -> Iterator[str]:
    """The notes in a few words, for the lane of the axis."""
    yield from (_("with %(name)s") % {"name": one.words} for one in further_of(state))
    for effect in here.effects:
        name = {"name": said(effect.taken.name)}
        if effect.outcome is Outcome.APPLIED:
            yield _("with %(name)s") % name
        elif effect.outcome is not Outcome.NO_CHANGE:
            yield _("effect of %(name)s not known") % name
    if exposure.range_state is not RangeState.IN_RANGE:
        yield _("extrapolated")


def _of_model(model: PkModel, exposure: Exposure, doses: Sequence[GivenDose]) -> Iterator[str]:
    """For whom and for what the model was made, and what is assumed beyond it."""
    if exposure.range_state is not RangeState.IN_RANGE:
        yield _("Extrapolated: outside the people, or the amounts, that the model was made from.")
    if is_assumed(model, doses):
        yield _("Nobody has fitted this route: a wide band from an assumed range, and no line.")
    devices = [model.structure.routes[dose.route].device for dose in doses]
    apart = {device.minutes_apart for device in devices if device is not None}
    if apart:
        yield _("Devices are taken as given %(minutes)s min apart.") % {"minutes": f"{min(apart):g}"}
    yield _("Figures of the model: %(how)s.") % {"how": VERIFICATION_NAMES[model.verification]}


def _further_words(session: Session, one: Further) -> str:
    words = _("Counted in it: %(what)s at %(time)s, as free base and at the minute entered.")
    return words % {"what": one.words, "time": _clock(session, one.at)}


def _interacting(here: Interacting) -> Iterator[str]:
    """What else is taken: whether its effect is in the prediction, or not known."""
    for effect in here.effects:
        name = {"name": said(effect.taken.name)}
        if effect.outcome is Outcome.APPLIED:
            yield _("With %(name)s: its published effect is in it.") % name
        elif effect.outcome is not Outcome.NO_CHANGE:
            yield _("The effect of %(name)s is not known and not in it.") % name


def _clock(session: Session, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(session.site.time_zone)):%H:%M}"


def _day(session: Session) -> date:
    """The local date of the session."""
    return session.opened_at.astimezone(ZoneInfo(session.site.time_zone)).date()


def _sex(administrative: str) -> Sex | None:
    return Sex(administrative) if administrative in {"female", "male"} else None
