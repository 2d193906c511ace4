"""Milligrams to the second."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.factories.monitoring import ZERO, Diary, infusion, minute, signed_off

from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.order import Order
from openkap.units import Drug, Route


@pytest.mark.parametrize(
    ("minutes", "given"),
    [(0, "0"), (10, "8.750"), (20, "17.500"), (31 + 40 / 60, "27.708"), (40, "35.0"), (90, "35.0")],
)
def test_a_steady_infusion_gives_in_proportion_to_time_and_never_more_than_ordered(
    minutes: float, given: str
) -> None:
    dose = Dose.start(Decimal("35.0"), ZERO, timedelta(minutes=40))

    assert dose.given_mg(minute(minutes)) == Decimal(given)


def test_a_pause_stops_the_count_and_moves_the_end() -> None:
    diary = Diary().until_dose()
    diary.add(10, "dose-paused")
    diary.add(16, "dose-resumed")

    assert diary.at(16).given_mg == diary.at(10).given_mg == Decimal("8.750")
    assert diary.at(20).given_mg == Decimal("12.250")
    assert diary.at(20).ends_at == minute(46)


def test_while_paused_no_end_is_promised() -> None:
    diary = Diary().until_dose()
    diary.add(10, "dose-paused")

    assert diary.at(12).ends_at is None
    assert diary.at(12).delivery == "paused"


def test_a_slower_rate_takes_longer() -> None:
    diary = Diary().until_dose()
    diary.add(20, "rate-changed", mg_per_min="0.4375")

    assert diary.at(20).given_mg == Decimal("17.500")
    assert diary.at(21).ends_at == minute(60)
    assert diary.at(40).given_mg == Decimal("26.250")


def test_a_dose_stopped_early_stays_at_what_was_given() -> None:
    diary = Diary().until_dose()
    diary.add(15, "dose-stopped", reason="asked to")

    assert diary.at(300).given_mg == Decimal("13.125")
    assert diary.at(300).delivery == "stopped"


def test_the_pumps_own_reading_wins() -> None:
    diary = Diary().until_dose()
    diary.add(15, "dose-stopped", given_mg="13.4")

    assert diary.at(16).given_mg == Decimal("13.4")


def test_a_dose_that_is_given_at_once_is_over_at_once() -> None:
    order = replace(infusion(), route=Route.IM, duration=timedelta(0))
    diary = Diary(order=order, monitoring=signed_off(route=Route.IM)).until_dose()

    assert diary.at(0).given_mg == Decimal("35.0")
    assert diary.at(0).phase == "peak"


@pytest.mark.parametrize(("kg", "mg"), [("70", "35.0"), ("70.35", "35.1"), ("81.97", "40.9"), (None, None)])
def test_the_amount_comes_from_todays_weight_and_is_never_rounded_up(kg: str | None, mg: str | None) -> None:
    amount = infusion().amount_mg(Decimal(kg) if kg else None)

    assert amount == (Decimal(mg) if mg else None)


def test_an_order_is_per_kilogram_or_fixed() -> None:
    with pytest.raises(ValueError, match="either"):
        Order(Drug.KETAMINE, Route.IV, timedelta(minutes=40))
    with pytest.raises(ValueError, match="more than nothing"):
        Order(Drug.KETAMINE, Route.IV, timedelta(minutes=40), fixed_mg=Decimal(0))
    with pytest.raises(ValueError, match="less than no time"):
        Order(Drug.KETAMINE, Route.IV, timedelta(minutes=-1), fixed_mg=Decimal(1))
