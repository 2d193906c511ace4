"""Medical clearance holds the dose: each examination that is missing or has expired, by name."""

from dataclasses import replace

import pytest
from tests.factories.monitoring import Diary, infusion, minute

from openkap.core.monitoring.order import Uncleared
from openkap.core.monitoring.state import state
from openkap.knowledge.schema.record import Text

ECG = Uncleared("clearance-ecg", Text(en="Electrocardiogram"), "expired")
LIVER = Uncleared("clearance-liver", Text(en="Liver tests"), "missing")


@pytest.mark.parametrize(
    ("uncleared", "standing"),
    [
        (None, {"clearance": "unknown"}),
        ((), {"clearance": "met"}),
        ((ECG,), {"clearance:clearance-ecg": "missing"}),
        ((ECG, LIVER), {"clearance:clearance-ecg": "missing", "clearance:clearance-liver": "missing"}),
    ],
)
def test_a_dose_starts_only_when_nothing_is_missing_or_expired(
    uncleared: tuple[Uncleared, ...] | None, standing: dict[str, str]
) -> None:
    diary = Diary(order=replace(infusion(), uncleared=uncleared)).until_ready()
    found = [item for item in diary.at(-1).to_start.items if item.id.startswith("clearance")]
    assert {item.id: item.standing.value for item in found} == standing
    assert {item.who for item in found} == {"prescriber"}
    diary.add(0, "dose-started", amount_mg="35.0")
    assert (diary.at(0).dose is not None) is (uncleared == ())


def test_clearance_is_not_decided_away_at_the_chair() -> None:
    diary = Diary(order=replace(infusion(), uncleared=(ECG,))).until_ready()
    diary.add(-2, "decision-made", about="clearance", reason="done before")
    diary.add(0, "dose-started", amount_mg="35.0")
    assert {rejection.code for rejection in diary.at(0).rejected} == {"unknown-condition", "not-ready"}


def test_a_dose_that_began_is_not_undone_when_an_examination_runs_out() -> None:
    diary = Diary().until_dose()
    diary.order = replace(diary.order, uncleared=(ECG,))
    admitted = tuple(replace(event, admitted=True) for event in diary.events)
    assert state(admitted, diary.order, diary.monitoring, minute(5)).dose is not None
