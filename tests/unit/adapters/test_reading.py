"""What a page remembers: the same question once, other questions and other pages anew."""

from datetime import UTC, datetime, timedelta

import pytest

from openkap.adapters.postgres.reading import once_a_page, one_page, within_page

BEGAN = datetime(2026, 9, 1, 12, tzinfo=UTC)
asked: list[tuple[str, datetime]] = []


@once_a_page
def doses(patient: str, at: datetime) -> int:
    asked.append((patient, at))
    return len(asked)


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def test_outside_of_a_page_everything_is_asked_anew() -> None:
    assert (doses("a", BEGAN), doses("a", BEGAN)) == (1, 2)
    assert not within_page()


def test_a_page_asks_once_for_each_patient_and_past_moment() -> None:
    with one_page(BEGAN):
        assert within_page()
        later, before = BEGAN + timedelta(milliseconds=3), BEGAN - timedelta(days=1)
        answers = [
            doses("a", BEGAN),
            doses("a", later),
            doses("b", BEGAN),
            doses("a", before),
            doses("a", before),
        ]
        named = doses(patient="a", at=later)
    assert answers == [1, 1, 2, 3, 3]
    assert named == 4  # told apart by how it is asked: asked once too often, never too seldom


def test_what_lies_ahead_is_not_taken_for_now() -> None:
    tomorrow = BEGAN + timedelta(days=1)
    with one_page(BEGAN):
        assert [doses("a", tomorrow), doses("a", BEGAN), doses("a", tomorrow)] == [1, 2, 1]


def fail_within_a_page() -> None:
    with one_page(BEGAN):
        doses("a", BEGAN)
        raise ValueError("no page")


def test_the_next_page_remembers_nothing_of_the_last_even_if_that_failed() -> None:
    with pytest.raises(ValueError, match="no page"):
        fail_within_a_page()
    with one_page(BEGAN):
        assert doses("a", BEGAN) == 2
