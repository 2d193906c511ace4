"""What was given in a session, as the models take it; which model answers."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from tests.factories.monitoring import Diary, signed_off

from openkap.apps.dosing.forecasting import forecast_key
from openkap.apps.dosing.giving import doses_given, further_of
from openkap.core.monitoring.order import Order
from openkap.core.pharmacology.given_dose import check_doses
from openkap.units import Drug, Route


def given(diary: Diary, at: float = 60) -> list[tuple[float, str, float, float]]:
    doses = doses_given(diary.at(at), diary.order, 1)
    return [(round(d.amount_mg, 3), str(d.route), round(d.start_min, 3), round(d.span_min, 3)) for d in doses]


def test_before_the_dose_nothing_was_given() -> None:
    assert given(Diary().until_ready(), -1) == []


def test_an_end_confirmed_late_and_a_pumps_figure_are_what_the_models_get() -> None:
    late, read = Diary().until_dose(), Diary().until_dose()
    late.add(48, "dose-ended")
    read.add(20, "dose-stopped", given_mg="14.0")

    assert given(late) == [(35.0, "iv", 0, 40)]
    assert given(read) == [(14.0, "iv", 0, 20)]


def test_rates_changed_at_any_second_never_seem_to_overlap() -> None:
    """Minutes are no whole numbers: in one of eight changes the first stretch seemed to reach into the next."""
    for second in range(61, 1200, 17):
        diary = Diary().until_dose()
        diary.add(second / 60, "rate-changed", mg_per_min="0.5")
        diary.add((second + 601) / 60, "rate-changed", mg_per_min="0.3")
        doses = doses_given(diary.at(30), diary.order, 1)
        check_doses(doses)
        assert all(a.end_min <= b.start_min < a.end_min + 1e-9 for a, b in pairwise(doses))


@pytest.mark.parametrize(("drug", "amount", "route", "expected"), [
    ("Ketamine", "10 mg", "IV", (10.0, "iv", 45, 0)),
    ("ketamine hydrochloride", "10 mg", "iv bolus", (8.67, "iv", 45, 0)),
    ("Ketamina", "12,5 mg", "IM", None),  # a decimal comma is not guessed at
    ("Ketamina", "12.5 mg", "IM", (12.5, "im", 45, 0)),
    ("Ketamine", "10 mg", "IV over 5 min", (10.0, "iv", 45, 5)),
    ("Ketamine", "0.1 mg/kg", "IV", None),
    ("Ketamine", "10", "IV", None),
    ("Ketalar", "10 mg", "IV", None),
    ("Quetamina", "10 mg", "IV", (10.0, "iv", 45, 0)),
    ("Booster", "10 mg ketamine", "IV", None),
    ("Ketamine", "10 mg", "port", None),
])  # fmt: skip
def test_further_ketamine_counts_where_it_can_be_read_and_is_noticed_where_not(
    drug: str, amount: str, route: str, expected: tuple[float, str, float, float] | None
) -> None:
    diary = Diary().until_dose()
    diary.add(40, "dose-ended")
    key = forecast_key(diary.at(44))
    diary.add(45, "drug-given", drug=drug, amount=amount, route=route)

    assert given(diary) == [(35.0, "iv", 0, 40), *([expected] if expected else [])]
    assert [one.dose is None for one in further_of(diary.at(60))] == [expected is None]
    assert forecast_key(diary.at(60)) != key


def test_other_drugs_are_not_taken_for_it_and_corrections_count() -> None:
    diary = Diary().until_dose()
    key = forecast_key(diary.at(44))
    diary.add(41, "drug-given", drug="Ondansetron", amount="4 mg", route="IV")
    assert forecast_key(diary.at(44)) == key
    wrong = diary.add(45, "drug-given", drug="Ketamine", amount="100 mg", route="IV")
    right = {"drug": "Ketamine", "amount": "10 mg", "route": "IV"}
    diary.add(46, "corrected", event=str(wrong), reason="one nought too many", payload=right)

    assert given(diary) == [(35.0, "iv", 0, 40), (10.0, "iv", 45, 0)]
    diary.add(47, "corrected", event=str(wrong), reason="not given at all")
    assert given(diary) == [(35.0, "iv", 0, 40)]


def test_devices_are_one_dose_here_and_the_model_spaces_them() -> None:
    spray = Order(Drug.ESKETAMINE, Route.IN, timedelta(0), fixed_mg=Decimal(56), consented=True,
                  risk_allows=True, uncleared=(), age=40)  # fmt: skip
    diary = Diary(spray, signed_off(Drug.ESKETAMINE, Route.IN)).until_dose("56")

    assert given(diary) == [(56.0, "in", 0, 0)]
