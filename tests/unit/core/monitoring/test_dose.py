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


def portions(diary: Diary, at: float) -> list[tuple[float, float, float]]:
    """(from minute, to minute, mg) of what went in or will."""
    dose = diary.at(at).dose
    assert dose is not None
    since = [(p.since - ZERO, p.until - ZERO, p.mg) for p in dose.portions()]
    return [(a / timedelta(minutes=1), b / timedelta(minutes=1), float(mg)) for a, b, mg in since]


def test_an_end_that_is_confirmed_late_gives_no_more_than_ordered() -> None:
    diary = Diary().until_dose()
    diary.add(47, "dose-ended")

    assert portions(diary, 50) == [(0, 40, 35.0)]


def test_a_running_dose_is_taken_to_its_end_and_a_paused_one_no_further() -> None:
    diary = Diary().until_dose()
    assert portions(diary, 5) == [(0, 40, 35.0)]
    diary.add(10, "dose-paused")
    assert portions(diary, 12) == [(0, 10, 8.75)]
    diary.add(16, "dose-resumed")
    assert portions(diary, 17) == [(0, 10, 8.75), (16, 46, 26.25)]


def test_a_slower_rate_is_another_portion_and_a_stop_cuts_it() -> None:
    diary = Diary().until_dose()
    diary.add(20, "rate-changed", mg_per_min="0.4375")
    diary.add(30, "dose-stopped")

    assert portions(diary, 60) == [(0, 20, 17.5), (20, 30, 4.375)]


@pytest.mark.parametrize(("stopped", "read", "expected"), [
    (20, "14", [(0, 20, 14.0)]),
    (20, "0", []),
    (0, "0.5", [(0, 0, 0.5)]),
])  # fmt: skip
def test_the_pumps_own_figure_is_what_was_given(
    stopped: float, read: str, expected: list[tuple[float, float, float]]
) -> None:
    diary = Diary().until_dose()
    diary.add(stopped, "dose-stopped", given_mg=read)

    assert portions(diary, 30) == expected


def test_a_dose_given_at_once_is_one_portion() -> None:
    (only,) = Dose.start(Decimal(25), ZERO, timedelta(0)).portions()
    assert (only.since, only.until, only.mg) == (ZERO, ZERO, 25)
