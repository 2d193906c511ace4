"""Sealing: what was sealed opens in its place, and nowhere else."""

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openkap.adapters.sealing import Keyring, SealBroken, Sealed, seal, unseal

RING = Keyring({"k1": b"1" * 32}, "k1")
PLACE = {"purpose": "process-note", "bound_to": "therapy_processnote.body.1.me"}
SEALED = seal("she said it was over", RING, **PLACE)


@given(st.text(max_size=500))
def test_what_was_sealed_opens(text: str) -> None:
    assert unseal(seal(text, RING, **PLACE), RING, **PLACE) == text


def test_the_text_does_not_stand_in_the_seal() -> None:
    assert b"she said" not in SEALED.body


def test_sealing_twice_gives_two_seals() -> None:
    assert seal("same", RING, **PLACE).body != seal("same", RING, **PLACE).body


@given(st.integers(0, len(SEALED.body) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, by: int) -> None:
    body = bytearray(SEALED.body)
    body[at] ^= by
    with pytest.raises(SealBroken):
        unseal(replace(SEALED, body=bytes(body)), RING, **PLACE)


@given(st.integers(0, len(SEALED.body) - 1))
def test_a_cut_seal_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(replace(SEALED, body=SEALED.body[:length]), RING, **PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"purpose": "process-note", "bound_to": "therapy_processnote.body.2.me"},
        {"purpose": "process-note", "bound_to": "therapy_processnote.body.1.another"},
        {"purpose": "something-else", "bound_to": PLACE["bound_to"]},
    ],
)
def test_it_opens_nowhere_else(elsewhere: dict[str, str]) -> None:
    with pytest.raises(SealBroken):
        unseal(SEALED, RING, **elsewhere)


def test_another_key_under_the_same_name_does_not_open() -> None:
    with pytest.raises(SealBroken):
        unseal(SEALED, Keyring({"k1": b"2" * 32}, "k1"), **PLACE)


def test_a_missing_key_says_so() -> None:
    with pytest.raises(SealBroken, match="missing"):
        unseal(SEALED, Keyring({"k2": b"2" * 32}, "k2"), **PLACE)


def test_the_key_s_id_is_bound_too() -> None:
    both = Keyring({"k1": b"1" * 32, "k9": b"1" * 32}, "k1")
    with pytest.raises(SealBroken):
        unseal(replace(SEALED, key_id="k9"), both, **PLACE)


def test_rotation_seals_with_the_new_and_opens_with_the_old() -> None:
    rotated = Keyring({"k2": os.urandom(32), "k1": b"1" * 32}, "k2")
    assert unseal(SEALED, rotated, **PLACE) == "she said it was over"
    assert seal("new", rotated, **PLACE).key_id == "k2"


@pytest.mark.parametrize(("keys", "current"), [({}, "k1"), ({"k1": b"short"}, "k1"), ({"k1": b"1" * 32}, "k2")])
def test_a_ring_that_cannot_seal_is_none(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(SealBroken):
        Keyring(keys, current)


def test_nothing_is_not_a_seal() -> None:
    with pytest.raises(SealBroken):
        unseal(Sealed("k1", b""), RING, **PLACE)
