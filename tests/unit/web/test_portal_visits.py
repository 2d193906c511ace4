"""Days as a patient reads them."""

from datetime import date

import pytest
from django.utils import translation

from openkap.web.portal_visits import _day

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        (date(2026, 11, 22), "Today", "Hoy"),
        (date(2026, 11, 23), "Tomorrow", "Mañana"),
        (date(2026, 12, 2), "Wednesday 2 December", "miércoles 2 de diciembre"),
    ],
)
def test_a_day_is_said_as_people_say_it(day: date, english: str, spanish: str) -> None:
    for language, words in (("en", english), ("es", spanish)):
        with translation.override(language):
            assert _day(day, TODAY) == words
