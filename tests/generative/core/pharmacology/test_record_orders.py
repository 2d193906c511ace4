"""Dosing records in any order against the plainest reading of them: every input apart, added up.

With constant parameters the amounts are the sum of what each dose leaves behind, so that a steady state is a
long row of earlier doses, a lag a later start, and a reset the end of all inputs before it.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from openkap.core.pharmacology.generic_models import generic_model
from openkap.core.pharmacology.record_solver import Carry, RecordModel, solve_records
from openkap.core.pharmacology.records import DosingRecord, Event
from openkap.knowledge.schema.expression import Expression

EARLIER = 40  # doses that stand for an endless row of them
INTERVAL = 12.0  # shorter than the slowest of the infusions
LONG = 5_000.0  # hours that stand for an endless infusion
LAGS = st.sampled_from([0.0, 0.5, 1.5])
FRACTIONS = st.sampled_from([1.0, 0.5])


@dataclass(frozen=True)
class Given:
    """One input: when it begins, the place of its record, and how long it takes (0: at once)."""

    at: float
    row: int
    compartment: int
    amount: float
    duration: float


@st.composite
def courses(draw):
    """Parameters, and records of one person with ties, resets and every way of giving."""
    model = generic_model(draw(st.sampled_from(["1cmt", "1cmt+depot", "2cmt", "2cmt+depot+metab"])))
    places = len(model.compartments)
    values = {name: draw(st.sampled_from([1.0, 2.5, 5.0])) for name in model.required}
    for number in range(1, places + 1):
        values |= {
            f"ALAG{number}": draw(LAGS),
            f"F{number}": draw(FRACTIONS),
            f"D{number}": 2.0,
            f"R{number}": 8.0,
        }
    records, now = [], 0.0
    for row in range(1, draw(st.integers(3, 9)) + 1):
        now += draw(st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.5, 7.0]))
        record = draw(record_at(row, now, places))
        records.append(record)
    records.append(DosingRecord(row=99, subject="1", time=now + 3.0, event=Event.OBSERVATION, compartment=1))
    return model, values, records


@st.composite
def record_at(draw, row, now, places):
    event = draw(
        st.sampled_from(
            [Event.OBSERVATION, Event.DOSE, Event.DOSE, Event.DOSE, Event.RESET, Event.RESET_AND_DOSE]
        )
    )
    form = {
        "row": row,
        "subject": "1",
        "time": now,
        "event": event,
        "compartment": draw(st.integers(1, places)),
    }
    if event in (Event.OBSERVATION, Event.RESET):
        return DosingRecord(**form)
    kind = draw(st.sampled_from(["once", "row", "steady", "added", "endless"]))
    rate = draw(st.sampled_from([0.0, 4.0, 0.5, -1.0, -2.0]))
    if kind == "endless":
        return DosingRecord(**form, rate=4.0, steady_state=1)
    more = draw(st.integers(0, 3)) if kind != "once" else 0
    steady = {"steady": 1, "added": 2}.get(kind, 0)
    interval = INTERVAL if more or steady else 0.0
    return DosingRecord(**form, amount=8.0, rate=rate, additional=more, interval=interval, steady_state=steady)


def inputs_of(record, values):
    """What one record gives, earlier doses of a steady state included."""
    number = record.compartment
    lag, place = values[f"ALAG{number}"], number - 1
    if record.amount == 0.0:
        return [Given(record.time - LONG, 0, place, record.rate * LONG, LONG)]
    amount = values[f"F{number}"] * record.amount
    match record.rate:
        case 0.0:
            duration = 0.0
        case -1.0:
            duration = amount / values[f"R{number}"]
        case -2.0:
            duration = values[f"D{number}"]
        case rate:
            duration = amount / rate
    first = -EARLIER if record.steady_state else 0
    return [
        Given(
            record.time + lag + turn * record.interval, record.row if turn >= 0 else 0, place, amount, duration
        )
        for turn in range(first, record.additional + 1)
    ]


def left_of(rates, inputs, time, row):
    """Amounts at a record: the sum of what each input that came before it has left."""
    come = [one for one in inputs if one.at < time or (one.at == time and one.row <= row)]
    if not come:
        return np.zeros(len(rates))
    size, count = len(rates), len(come)
    since = np.array([time - one.at for one in come])
    running = np.minimum(since, [one.duration for one in come])
    wide, held = np.zeros((count, size + 1, size + 1)), np.zeros((count, size))
    wide[:, :size, :size] = rates
    for number, one in enumerate(come):
        if one.duration:
            wide[number, one.compartment, size] = one.amount / one.duration
        else:
            held[number, one.compartment] = one.amount
    held += expm(wide * running[:, None, None])[:, :size, size]
    return np.einsum("nij,nj->i", expm(rates * (since - running)[:, None, None]), held)


@settings(max_examples=20, deadline=None)
@given(courses())
def test_records_in_any_order_are_the_sum_of_what_they_give(course):
    model, values, records = course
    known = RecordModel(model, {name: Expression(repr(value)) for name, value in values.items()})
    rates = known.rates_of({**model.optional, **values})
    assume(-np.linalg.eigvals(rates).real.max() * INTERVAL * EARLIER > 25.0)
    inputs, expected = [], []
    for record in records:
        if record.event in (Event.RESET, Event.RESET_AND_DOSE) or record.steady_state == 1:
            inputs = []
        if record.is_dose:
            inputs += inputs_of(record, values)
        elif record.event is not Event.RESET:
            expected.append(left_of(rates, inputs, record.time, record.row)[record.compartment - 1])
    found = [one.amount for one in solve_records(known, records, Carry.FORWARD)]
    assert np.allclose(found, expected, rtol=1e-8, atol=1e-9)
