"""Whom the figures of the options are about, in words above the folded form."""

import pytest
from django.utils import translation

from openkap.apps.assessment.choosing import Tried
from openkap.apps.assessment.options_forms import CircumstancesForm


@pytest.mark.parametrize(
    ("asked", "failed", "where"),
    [
        ({}, "as recorded: 3", "outside a hospital"),
        ({"failed": "2", "setting": "inpatient"}, "2", "in hospital"),
        ({"failed": "3"}, "3 or more", "outside a hospital"),
        ({"failed": "many"}, "as recorded: 3", "outside a hospital"),
    ],
)
def test_the_words_say_what_counts_now(asked: dict[str, str], failed: str, where: str) -> None:
    with translation.override("en"):
        said = CircumstancesForm(Tried(3), asked).in_words()
    assert said == [("Medicines that did not help enough", failed), ("Treated", where)]
