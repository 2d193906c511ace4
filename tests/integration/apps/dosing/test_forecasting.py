"""The console's prediction by route: which model, a line or a band only, and what is said beside it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from tests.factories.dosing import a_sitting
from tests.factories.monitoring import Diary, infusion, signed_off
from tests.sharing import shared

from openkap.apps.dosing.forecasting import Forecast, forecast_of
from openkap.apps.dosing.models import Session
from openkap.core.monitoring.order import Order
from openkap.units import Drug, Route

pytestmark = pytest.mark.django_db
VENOUS = "ketamine (both enantiomers) in venous plasma, predicted"
S_VENOUS = "S-ketamine in venous plasma, predicted"


@shared
def session() -> Session:
    return a_sitting().session


def order(drug: Drug, route: Route, mg: int) -> Order:
    return replace(
        infusion(), drug=drug, route=route, duration=timedelta(0), mg_per_kg=None, fixed_mg=Decimal(mg), age=30
    )


def predicted(session: Session, diary: Diary, at: float = 60) -> Forecast:
    return forecast_of(session, diary.at(at), diary.order)


def level(found: Forecast, minute: float) -> tuple[float | None, float, float]:
    start = found.points[0][0]
    return next((m, low, high) for at, m, low, high in found.points if abs(at - start - minute * 60_000) < 50)


ROUTES = [  # drug, route, mg, model, what is predicted where, whether a typical person is drawn
    (Drug.KETAMINE, Route.IM, 25, "Otto", VENOUS, False),
    (Drug.KETAMINE, Route.SC, 25, "Otto", VENOUS, False),
    (Drug.KETAMINE, Route.SL, 100, "Otto", VENOUS, False),
    (Drug.KETAMINE, Route.PO, 100, "Perez-Ruixo", S_VENOUS, True),
    (Drug.ESKETAMINE, Route.IN, 56, "Perez-Ruixo", S_VENOUS, True),
]


def test_each_route_has_its_model_its_site_and_a_line_only_where_it_was_fitted(session: Session) -> None:
    for drug, route, mg, model, about, has_line in ROUTES:
        diary = Diary(order(drug, route, mg), signed_off(drug, route)).until_dose(str(mg))
        found = predicted(session, diary)

        assert found.available, (route, found.reason, diary.reasons())
        assert found.model.startswith(model)
        assert found.about.split(";")[0] == about
        middle, low, high = level(found, 60)
        assert low < high
        assert (middle is not None) is has_line
        assert found.band.startswith("line: a typical person" if has_line else "band only")
        assert any(note.startswith("Nobody has fitted this route") for note in found.notes) is not has_line
        assert ("Devices are taken as given 5 min apart." in found.notes) is (route is Route.IN)


def test_a_late_confirmation_of_the_end_changes_nothing_and_a_pumps_figure_does(session: Session) -> None:
    on_time, late, read = (Diary().until_dose() for _ in range(3))
    on_time.add(40, "dose-ended")
    late.add(48, "dose-ended")
    read.add(40, "dose-ended", given_mg="17.5")

    assert predicted(session, late).points == predicted(session, on_time).points
    half, whole = level(predicted(session, read), 40)[0], level(predicted(session, on_time), 40)[0]
    assert half == pytest.approx((whole or 0) / 2)


def test_the_level_where_the_rate_changes_is_among_the_points(session: Session) -> None:
    diary = Diary().until_dose()
    diary.add(23.55, "dose-stopped")
    found = predicted(session, diary)

    assert max(point[1] or 0 for point in found.points) == level(found, 23.55)[0]


def test_a_booster_among_the_drugs_given_is_in_it_and_said(session: Session) -> None:
    diary = Diary().until_over()
    before = predicted(session, diary, 50)
    diary.add(55, "drug-given", drug="Ketamine", amount="10 mg", route="IV")
    after = predicted(session, diary, 57)

    assert "with 10 mg Ketamine IV" in after.about
    assert after.notes[0].startswith("Counted in it: 10 mg Ketamine IV at ")
    assert level(after, 54) == level(before, 54)
    assert level(after, 54.99)[1] < level(after, 55)[1]  # a step, not a slope over two minutes
    assert level(after, 56)[1] > level(before, 56)[2]


def test_a_booster_that_cannot_be_read_leaves_no_prediction_rather_than_one_too_low(session: Session) -> None:
    diary = Diary().until_over()
    diary.add(55, "drug-given", drug="Ketamine", amount="10", route="IV")
    found = predicted(session, diary)

    assert (found.available, found.points) == (False, ())
    assert "'10 Ketamine IV'" in found.reason
    assert "cannot be read as a dose" in found.reason


def test_why_the_engine_refuses_is_said_in_the_readers_language_without_its_names(session: Session) -> None:
    diary = Diary().until_dose()
    diary.add(20, "drug-given", drug="Ketamine", amount="10 mg", route="IV over 5 min")

    reason = "Dose 2: it overlaps dose 1, which runs until 40 min."
    assert predicted(session, diary).reason == f"No prediction: {reason}"
    with translation.override("es"):
        spanish = predicted(session, diary).reason
    assert spanish == "Sin previsión: Dosis 2: se solapa con la dosis 1, que dura hasta el minuto 40."


def test_where_nothing_was_given_nothing_is_predicted(session: Session) -> None:
    diary = Diary().until_dose()
    diary.add(0, "dose-stopped", given_mg="0")

    assert predicted(session, diary).reason == "No prediction: nothing was given."
