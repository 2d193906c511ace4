"""Doses and spans of time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from openkap.errors import BadInput
from openkap.units import (
    Basis,
    Dose,
    Drug,
    Route,
    format_span,
    parse_dose,
    parse_dose_instruction,
    parse_quantity,
    parse_span,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("35 mg ketamine iv over 40 min at 0 min", "35 mg ketamine (base) iv over 40 min at 0 min"),
        ("35mg ketamine IV over 40min", "35 mg ketamine (base) iv over 40 min at 0 min"),
        ("28 mg esketamine in at 5 min", "28 mg esketamine (base) in at 5 min"),
        ("100 mg ketamine hydrochloride im at 1 h 30 min", "86.7 mg ketamine (base) im at 1 h 30 min"),
        ("100 mg hcl ketamine po", "86.7 mg ketamine (base) po at 0 min"),
        ("10 mg ketamine iv bolus", "10 mg ketamine (base) iv at 0 min"),
        ("40 mg ketamine sc over 30 min at 1 d", "40 mg ketamine (base) sc over 30 min at 1 d"),
        ("35000 mcg ketamine base iv over 40 min", "35 mg ketamine (base) iv over 40 min at 0 min"),
    ],
)
def test_instructions(text: str, written: str) -> None:
    assert str(parse_dose_instruction(text)) == written


def test_an_instruction_is_typed() -> None:
    read = parse_dose_instruction("35 mg ketamine iv over 40 min at 10 min")
    assert read.dose == Dose(Decimal(35), Drug.KETAMINE)
    assert (read.route, read.over, read.at) == (Route.IV, timedelta(minutes=40), timedelta(minutes=10))


def test_what_is_written_is_read_again() -> None:
    read = parse_dose_instruction("35 mg ketamine iv over 40 min at 10 min")
    assert parse_dose_instruction(str(read).replace("(base)", "base")) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("35", "is not a dose"),
        ("35 mg", "is not a dose"),
        ("35 mg ketamine", "is not a dose"),
        ("35 ketamine iv over 40 min", "has no unit"),
        ("35 mg iv over 40 min", "is not a dose"),
        ("35 mg ketamine iv", "'over 40 min' or 'bolus'"),
        ("35 mg ketamine iv bolus over 40 min", "does not fit"),
        ("35 mg ketamine po over 40 min", "does not fit"),
        ("35 mg ketamine iv over 0 min", "no time"),
        ("35 mg ketamine iv over 40", "not a span"),
        ("35 mmHg ketamine iv bolus", "not an amount in mg"),
        ("0 mg ketamine iv bolus", "more than zero"),
        ("-5 mg ketamine iv bolus", "more than zero"),
        ("1,5 mg ketamine iv bolus", "not a number"),
        ("35 mg base ketamine base im", "basis: .* twice"),
        ("35 mg arketamine im", "not a drug"),
        ("35 mg morphine iv", "drug: 'morphine' is not a drug"),
        ("35 mg base ketamin iv over 40 min", "drug: 'ketamin' is not a drug"),
        ("35 mg ketamine rectal at 5 min", "route: 'rectal' is no route; there are iv"),
        ("35 mg ketamine iv over 40 mg", "'40 mg' is not a span"),
        ("56 mg ketamine in", "Intranasal ketamine"),
        ("0.5 mg/kg ketamine iv over 40 min", "body weight"),
        ("35 mg ketamine iv over 40 min at yesterday", "not a span"),
    ],
)
def test_ambiguous_instructions_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        parse_dose_instruction(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("35 mL ketamine iv bolus", "amount"),
        ("0 mg ketamine iv bolus", "amount"),
        ("0.5 mg/kg ketamine iv bolus", "amount"),
        ("35 mg arketamine im", "drug"),
        ("35 mg propofol iv bolus", "drug"),
        ("56 mg ketamine in", "drug"),
        ("35 mg ketamine rectal", "route"),
        ("35 mg base ketamine hcl im", "basis"),
        ("35 mg ketamine iv", "over"),
        ("35 mg ketamine iv over 40 mg", "over"),
        ("35 mg ketamine im at -5 min", "at"),
    ],
)
def test_the_part_that_cannot_be_read_is_named(text: str, part: str) -> None:
    with pytest.raises(BadInput, match=f"^{part}: ") as caught:
        parse_dose_instruction(text)
    assert caught.value.field == part


def test_a_dose_per_kilogram_takes_the_weight() -> None:
    read = parse_dose_instruction("0.5 mg/kg ketamine iv over 40 min", weight=parse_quantity("70 kg"))
    assert read.dose.amount_mg_base == Decimal(35)


def test_a_dose_names_number_unit_drug_and_basis() -> None:
    assert parse_dose("50 mg ketamine hydrochloride").amount_mg_base == Decimal("43.35")
    for text in ("50", "50 mg", "50 mg ketamine", "mg ketamine base x", "50 ketamine mg base"):
        with pytest.raises(BadInput):
            parse_dose(text)


def test_hydrochloride_counts_the_base_it_contains() -> None:
    vial = parse_quantity("1 g")
    assert Dose.of(vial, Drug.KETAMINE, Basis.HYDROCHLORIDE).quantity == parse_quantity("867 mg")
    assert Dose.of(vial, Drug.KETAMINE, Basis.BASE).quantity == parse_quantity("1000 mg")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("40 min", 40), ("1 h 30 min", 90), ("1.5h", 90), ("2 d", 2880), ("0 min", 0), ("30 s", 0.5)],
)
def test_spans(text: str, minutes: float) -> None:
    assert parse_span(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "40", "min", "-5 min", "5 mg", "2 months", "1 h and 5 min", "40000 d"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_span(text)


@pytest.mark.parametrize("text", ["40 min", "1 h 30 min", "2 d 1 s", "0 min"])
def test_a_written_span_reads_the_same(text: str) -> None:
    assert format_span(parse_span(text)) == text
