"""What holds for any quantity, span and dose."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openkap.errors import BadInput
from openkap.units import (
    Basis,
    Dose,
    Drug,
    Quantity,
    format_span,
    parse_dose_instruction,
    parse_quantity,
    parse_span,
)

FAMILIES = (
    ("kg", "g", "mg", "ug", "ng", "[lb_av]"),
    ("s", "min", "h", "d", "wk"),
    ("L", "dL", "mL"),
    ("ng/mL", "ug/L", "mg/L", "mg/mL"),
    ("Cel", "[degF]"),
    ("mm[Hg]", "kPa"),
    ("mg/kg", "ug/kg", "g/kg"),
)
numbers = st.decimals(min_value=Decimal("0.001"), max_value=Decimal(10000), places=3)
pairs = st.sampled_from(FAMILIES).flatmap(
    lambda family: st.tuples(st.sampled_from(family), st.sampled_from(family))
)


@given(numbers, pairs)
def test_there_and_back_is_the_same(number: Decimal, units: tuple[str, str]) -> None:
    here, there = units
    back = Quantity(number, here).to(there).to(here).magnitude
    assert abs(back - number) <= abs(number) * Decimal("1e-18") + Decimal("1e-18")


@given(numbers, numbers, pairs)
def test_order_does_not_depend_on_the_unit(one: Decimal, other: Decimal, units: tuple[str, str]) -> None:
    here, there = units
    left, right = Quantity(one, here), Quantity(other, here)
    if one != other:
        assert (left < right) == (left.to(there) < right.to(there))


@given(numbers, st.sampled_from([unit for family in FAMILIES for unit in family]))
def test_what_is_written_reads_the_same(number: Decimal, unit: str) -> None:
    quantity = Quantity(number, unit)
    assert parse_quantity(str(quantity)) == quantity


@given(st.text(max_size=30))
def test_no_text_is_misread(text: str) -> None:
    for parse in (parse_quantity, parse_span, parse_dose_instruction):
        try:
            parse(text)
        except BadInput:
            continue


@given(st.integers(0, 10_000_000))
def test_spans_survive_writing(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_span(format_span(span)) == span


@given(numbers, st.sampled_from(Drug))
def test_hydrochloride_never_counts_more_than_its_own_weight(number: Decimal, drug: Drug) -> None:
    mass = Quantity(number, "mg")
    salt, base = Dose.of(mass, drug, Basis.HYDROCHLORIDE), Dose.of(mass, drug, Basis.BASE)
    assert salt.amount_mg_base < base.amount_mg_base == number


@given(numbers)
def test_an_instruction_keeps_its_amount(number: Decimal) -> None:
    read = parse_dose_instruction(f"{number:f} mg ketamine iv over 40 min at 5 min")
    assert read.dose.amount_mg_base == number


def test_a_dose_is_never_nothing() -> None:
    for amount in (Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(BadInput):
            Dose(amount, Drug.KETAMINE)
