"""What the patient takes, in the chart's words, and what it does to the prediction of a session."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.factories.access import a_client
from tests.factories.chart import bundle, imported, order
from tests.factories.chart import patient as a_resource
from tests.factories.dosing import a_sitting
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap.apps.dosing.interacting import interactions_in_force, taken_by
from openkap.apps.knowledge_base.queries import knowledge_for

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)


@shared
def cared() -> CaredFor:
    return cared_for()


def takes(cared: CaredFor, names: Sequence[str], **said: object) -> None:
    """The chart says that the patient takes these."""
    orders = [order(f"m{n}", medicationCodeableConcept={"text": name}, **said) for n, name in enumerate(names)]
    who = a_resource(name=[{"use": "official", "family": cared.patient.family_name, "given": ["Rowan"]}])
    imported(bundle(*orders, who=who), cared.site, into=cared.patient)


def agents(cared: CaredFor) -> list[tuple[str, int]]:
    known = knowledge_for(cared.site, THEN)
    return [(one.agent, len(one.records)) for one in taken_by(cared.patient, known, TODAY)]


@pytest.mark.parametrize(("name", "agent", "records"), [
    ("Rifampin 300 MG Oral Capsule", "rifampicin", 1),  # the nasal record is from memory and waits
    ("rifampicina 600 mg", "rifampicin", 1),
    ("Ticlopidine 250 MG Oral Tablet", "ticlopidine", 2),
    ("Itraconazole 100 MG", "itraconazole", 1),
    ("CLARITHROMYCIN 500 MG", "clarithromycin", 1),
])  # fmt: skip
def test_a_medicine_is_known_by_its_name(cared: CaredFor, name: str, agent: str, records: int) -> None:
    takes(cared, [name])
    assert agents(cared) == [(agent, records)]


def test_one_of_the_same_group_has_no_figure_and_is_there_all_the_same(cared: CaredFor) -> None:
    takes(cared, ["Ritonavir 100 MG Oral Tablet", "Sertraline 50 MG Oral Tablet"])
    assert agents(cared) == [("unstudied:ritonavir 100 mg oral tablet", 0)]


def test_what_is_no_longer_taken_is_not_there(cared: CaredFor) -> None:
    takes(cared, ["Rifampin 300 MG Oral Capsule"], status="stopped")
    assert agents(cared) == []


def test_what_conflicts_waits_for_the_director() -> None:
    cared = cared_for()
    in_force = interactions_in_force(knowledge_for(cared.site, THEN))
    assert "cyp2b6-two-star-6" not in in_force
    assert "rifampicin-nasal" not in in_force
    assert "grapefruit-oral" in in_force


def forecast(cared: CaredFor) -> dict[str, Any]:
    sitting = a_sitting(cared, zero=timezone.now() - timedelta(minutes=12)).until_dose()
    found: dict[str, Any] = a_client(sitting.by).get(f"/dosing/{sitting.session.public_id}/forecast/").json()
    return found


def test_the_sessions_prediction_has_the_inducer_in_it(cared: CaredFor) -> None:
    plain = forecast(cared_for())
    takes(cared, ["Rifampin 300 MG Oral Capsule"])
    with_it = forecast(cared)
    assert "; with Rifampicin" in with_it["about"]
    assert "With Rifampicin: its published effect is in it." in with_it["notes"]
    low, high = (found["points"][60][1] for found in (with_it, plain))
    assert low < 0.95 * high


def test_what_is_not_known_is_said_beside_it_and_changes_nothing(cared: CaredFor) -> None:
    plain = forecast(cared_for())
    takes(cared, ["Ritonavir 100 MG Oral Tablet"])
    with_it = forecast(cared)
    assert "The effect of Ritonavir 100 MG Oral Tablet is not known and not in it." in with_it["notes"]
    assert [p[1] for p in with_it["points"]] == [p[1] for p in plain["points"]]
