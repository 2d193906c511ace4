"""The random stream: known answers, and independence of how a cohort is cut."""

import numpy as np
import pytest

from openkap.core.pharmacology.random_stream import normals, philox, stream_id, uniforms

ONES = 0xFFFFFFFF


def word(value: int) -> np.ndarray:
    return np.array([value], dtype=np.uint64)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_answers(counter, key, answer):
    found = philox(tuple(word(c) for c in counter), key)
    assert tuple(int(w[0]) for w in found) == answer


def test_a_subject_draws_the_same_numbers_in_any_company():
    together = normals(7, np.arange(100), "bsv:CL", 3)
    alone = normals(7, np.array([42]), "bsv:CL", 3)
    backwards = normals(7, np.arange(99, -1, -1), "bsv:CL", 3)
    assert np.array_equal(together[42], alone[0])
    assert np.array_equal(together, backwards[::-1])


def test_seed_subject_and_stream_all_matter():
    base = normals(1, np.arange(50), "bsv:CL", 2)
    assert not np.isclose(base, normals(2, np.arange(50), "bsv:CL", 2)).any()
    assert not np.isclose(base, normals(1, np.arange(50, 100), "bsv:CL", 2)).any()
    assert not np.isclose(base, normals(1, np.arange(50), "bsv:V1", 2)).any()
    assert not np.isclose(base[:, 0], base[:, 1]).any()


def test_a_longer_row_begins_with_the_shorter():
    assert np.array_equal(normals(1, np.arange(9), "x", 5)[:, :4], normals(1, np.arange(9), "x", 4))


def test_normals_are_standard_and_uncorrelated():
    scores = normals(3, np.arange(200_000), "shape", 2)
    assert np.allclose(scores.mean(axis=0), 0.0, atol=0.01)
    assert np.allclose(scores.std(axis=0), 1.0, atol=0.01)
    assert abs(np.corrcoef(scores.T)[0, 1]) < 0.01
    assert abs((scores**4).mean() - 3.0) < 0.1


def test_uniforms_stay_inside_the_interval():
    one, two = uniforms(0, np.arange(100_000), "u", 0)
    for values in (one, two):
        assert values.min() > 0.0
        assert values.max() < 1.0


def test_stream_names_have_lasting_numbers():
    assert stream_id("bsv:CL") == 0x891A1B96
    assert normals(7, np.array([42]), "bsv:CL", 2)[0].tolist() == pytest.approx([-1.4099188, 0.29655637])
