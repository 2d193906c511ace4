"""What stands beside a name about allergies: a statement of none is not an allergy, and nothing is not none."""

import pytest
from tests.factories.chart import allergy, bundle, coded, imported, status
from tests.factories.sites import THEN

from openkap.apps.chart.allergies import Allergies, allergies_shown

pytestmark = pytest.mark.django_db
ALLERGY_STATUS = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def shown(*resources: object) -> Allergies:
    return allergies_shown(imported(bundle(*resources)).patient, THEN)  # type: ignore[arg-type]


def named(id_: str, text: str, state: str = "active") -> object:
    return allergy(id_, code={"text": text}, clinicalStatus=status(state, ALLERGY_STATUS))


def test_an_allergy_is_named() -> None:
    assert shown(named("a1", "Penicillin")) == Allergies(("Penicillin",), none_known=False)


@pytest.mark.parametrize("words", ["No known allergies", "No known drug allergy", "NKDA"])
def test_a_statement_of_none_is_no_allergy(words: str) -> None:
    assert shown(named("a1", words)) == Allergies((), none_known=True)


def test_a_code_for_none_is_no_allergy() -> None:
    assert shown(allergy("a1", code=coded("Aucune allergie", "716186003"))).none_known


def test_nothing_recorded_is_not_none() -> None:
    assert shown() == Allergies((), none_known=False)


def test_a_named_allergy_outweighs_an_older_statement_of_none() -> None:
    found = shown(named("a1", "No known allergies"), named("a2", "Latex"))

    assert found == Allergies(("Latex",), none_known=False)


def test_an_allergy_that_is_over_is_not_named() -> None:
    assert shown(named("a1", "Egg", "resolved")).names == ()
