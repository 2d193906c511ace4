"""Numbers with units: reading, converting, comparing, refusing."""

import subprocess
import sys
from decimal import Decimal

import pytest

from openkap.errors import BadInput
from openkap.units import BadUnit, Quantity, canonical_unit, parse_decimal, parse_quantity, same_dimension


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("150 lb", "kg", "68.0388555 kg"),
        ("1 oz", "g", "28.349523125 g"),
        ("98.6 °F", "Cel", "37 Cel"),
        ("37 C", "[degF]", "98.6 [degF]"),
        ("-40 Cel", "[degF]", "-40 [degF]"),
        ("250 mcg", "mg", "0.25 mg"),
        ("250 ng/mL", "ug/L", "250 ug/L"),
        ("72 bpm", "/s", "1.2 /s"),
        ("30 mL/min", "L/h", "1.8 L/h"),
        ("97 %", "1", "0.97"),
        ("6 ft", "cm", "182.88 cm"),
        ("1 wk", "h", "168 h"),
        ("0.5 mg/kg", "ug/kg", "500 ug/kg"),
        ("120 mmHg", "mm[Hg]", "120 mm[Hg]"),
    ],
)
def test_conversions_are_exact(text: str, unit: str, expected: str) -> None:
    assert str(parse_quantity(text).to(unit)) == expected


def test_a_kilopascal_is_seven_and_a_half_millimetres_of_mercury() -> None:
    assert parse_quantity("16 kPa").float_in("mm[Hg]") == pytest.approx(120.0098, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "25", "mg", "", "1,5 mg", "1.000,5 mg", "25 furlong", "25 mg mg", "nan mg", "inf kg", "1e3 mg",
        "\u0662\u0665 mg", "5 mg/", "5 mg//kg",
    ],
)  # fmt: skip
def test_what_can_be_misread_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("mmHg", "mm[Hg]"), ("lbs", "[lb_av]"), ("mcg/mL", "ug/mL"), ("beats/min", "/min"), ("kg/m²", "kg/m2"),
        ("/min", "/min"),
    ],
)  # fmt: skip
def test_spellings_lead_to_one_code(spelling: str, code: str) -> None:
    assert canonical_unit(spelling) == code


def test_an_expected_dimension_is_checked() -> None:
    assert parse_quantity("150 lb", expected="kg").unit == "[lb_av]"
    with pytest.raises(BadUnit, match="not an amount in kg"):
        parse_quantity("150 cm", expected="kg")


def test_dimensions_do_not_mix() -> None:
    weight, height = parse_quantity("70 kg"), parse_quantity("170 cm")
    with pytest.raises(BadUnit):
        _ = weight + height
    with pytest.raises(BadUnit):
        _ = weight < height
    assert weight != height
    assert weight != 70


def test_arithmetic_keeps_the_unit_of_the_left() -> None:
    total = parse_quantity("1 kg") + parse_quantity("500 g")
    assert (total.magnitude, total.unit) == (Decimal("1.5"), "kg")
    assert parse_quantity("2 h") - parse_quantity("30 min") == parse_quantity("90 min")
    assert 2 * parse_quantity("0.1 mg") == parse_quantity("0.2 mg")
    assert parse_quantity("1 mg") / 4 == parse_quantity("250 ug")


def test_equal_amounts_are_one_element_of_a_set() -> None:
    assert len({parse_quantity("1 g"), parse_quantity("1000 mg"), parse_quantity("1 mg")}) == 2


def test_order_looks_through_units() -> None:
    assert parse_quantity("1 kg") > parse_quantity("2 [lb_av]")
    assert min(parse_quantity("1 h"), parse_quantity("50 min")).unit == "min"


@pytest.mark.parametrize("number", [float("nan"), "ten", float("inf")])
def test_a_quantity_is_finite(number: float | str) -> None:
    with pytest.raises(BadInput):
        Quantity.of(number, "mg")


def test_a_float_enters_at_its_shortest_reading() -> None:
    assert Quantity.of(0.1, "mg").magnitude == Decimal("0.1")


def test_a_litre_is_no_cube_of_a_length() -> None:
    assert not same_dimension("L", "m3")
    assert same_dimension("ng/mL", "mg/L")


@pytest.mark.parametrize(("text", "value"), [("0.5", "0.5"), (" 12 ", "12"), ("-3", "-3")])
def test_plain_numbers(text: str, value: str) -> None:
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "1,5", "1e5", ".5", "5.", "NaN", "1_000", "0x1"])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_decimal(text)


def test_reading_a_quantity_does_not_load_pint() -> None:
    code = (
        "import sys; from openkap.units import parse_quantity; "
        "parse_quantity('25 mg'); print('pint' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
