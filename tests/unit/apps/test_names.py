"""Names folded for finding and sorting."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openkap.apps.people.names import fold, search_key, search_words, sort_key, words


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("O'Connell", ["oconnell"]),
        ("O\u2019Connell", ["oconnell"]),
        ("Żółć", ["zolc"]),
        ("Søren Kierkegård", ["soren", "kierkegard"]),
        ("Müller-Lüdenscheidt", ["muller", "ludenscheidt"]),
        ("STRAẞE", ["strasse"]),
        ("Becker968", ["becker968"]),
        ("Nguyễn Văn", ["nguyen", "van"]),
        ("李小龍", ["李小龍"]),
        ("Δημήτρης", ["δημητρησ"]),
        ("  de   la  Cruz ", ["de", "la", "cruz"]),
        ("---", []),
    ],
)
def test_folds(name: str, folded: list[str]) -> None:
    assert words(name) == folded


def test_a_patient_is_found_by_names_number_and_birth_date() -> None:
    key = search_key("Freda", "O'Connell", "OK-000042", date(1969, 12, 6))
    assert key.split(" ") == ["freda", "oconnell", "o", "connell", "ok000042", "000042", "42", "19691206"]


def test_sorts_by_family_name_first() -> None:
    people = [("Zoe", "Ångström"), ("Ada", "Zimmer"), ("Al", "O'Neill"), ("Bo", "ONeill")]
    assert sorted(people, key=lambda name: sort_key(*name)) == [
        ("Zoe", "Ångström"),
        ("Al", "O'Neill"),
        ("Bo", "ONeill"),
        ("Ada", "Zimmer"),
    ]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("o'conn fre", ["oconn", "fre"]),
        ("1969-12-06", ["19691206"]),
        ("1969-12", ["196912"]),
        ("OK-000042", ["ok000042"]),
        ("' | ' & ! <->", []),
        ("a b c d e f g h i j", ["a", "b", "c", "d", "e", "f", "g", "h"]),
    ],
)
def test_reads_what_was_typed(asked: str, wanted: list[str]) -> None:
    assert search_words(asked) == wanted


@given(st.text(max_size=40), st.text(max_size=40))
def test_whoever_is_named_is_found_by_their_name(given_name: str, family_name: str) -> None:
    key = search_key(given_name, family_name, "OK-000001", date(1980, 1, 1)).split(" ")
    assert all(key)
    assert set(search_words(f"{given_name} {family_name}")) <= set(key)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert words(fold(name)) == words(name)
