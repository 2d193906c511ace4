"""Consent is asked whatever the records say, and nobody can decide it away."""

from dataclasses import replace

import pytest
from tests.factories.monitoring import Diary, infusion, minute

from openkap.core.monitoring.state import state


@pytest.mark.parametrize(("consented", "standing"), [(None, "unknown"), (False, "missing"), (True, "met")])
def test_without_a_valid_consent_no_dose_starts_whatever_the_records_say(
    consented: bool | None, standing: str
) -> None:
    diary = Diary(order=replace(infusion(), consented=consented)).until_ready()
    item = next(item for item in diary.at(-1).to_start.items if item.id == "consent")
    assert (item.standing.value, item.who) == (standing, "prescriber")
    diary.add(0, "dose-started", amount_mg="35.0")
    assert (diary.at(0).dose is not None) is (consented is True)


def test_consent_cannot_be_decided_away() -> None:
    diary = Diary(order=replace(infusion(), consented=False)).until_ready()
    diary.add(-2, "decision-made", about="consent", reason="an emergency")
    diary.add(0, "dose-started", amount_mg="35.0")
    assert diary.at(0).dose is None
    assert {rejection.code for rejection in diary.at(0).rejected} == {"unknown-condition", "not-ready"}


def test_a_dose_that_began_is_not_undone_by_a_later_withdrawal() -> None:
    diary = Diary().until_dose()
    diary.order = replace(diary.order, consented=False)
    admitted = tuple(replace(event, admitted=True) for event in diary.events)
    assert state(admitted, diary.order, diary.monitoring, minute(5)).dose is not None
