"""Properties of the chain's arithmetic."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import assume, given
from hypothesis import strategies as st

from openkap.apps.audit.chain import GENESIS, RowContent, link

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
contents = st.builds(
    RowContent,
    id=st.integers(1, 2**63 - 1),
    occurred_at=st.integers(0, 2**51).map(lambda micros: EPOCH + timedelta(microseconds=micros)),
    actor_kind=st.sampled_from(["user", "system"]),
    actor_id=st.none() | st.uuids(),
    action=st.text(max_size=80),
    subject_kind=st.text(max_size=40),
    subject_id=st.none() | st.uuids(),
    patient_id=st.none() | st.uuids(),
    site_id=st.none() | st.integers(1, 2**31),
    details=st.dictionaries(st.text(), json_values, max_size=4),
    transaction_id=st.integers(1, 2**62),
)
digests = st.binary(min_size=32, max_size=32)


@given(contents, contents, digests, st.integers(1, 2**40))
def test_two_contents_never_share_a_link(
    one: RowContent, other: RowContent, previous: bytes, place: int
) -> None:
    assume(one != other)
    assert link(previous, place, one) != link(previous, place, other)


@given(contents, digests, digests, st.integers(1, 2**40))
def test_a_link_depends_on_the_one_before_and_on_its_place(
    content: RowContent, one: bytes, other: bytes, place: int
) -> None:
    assume(one != other)
    assert link(one, place, content) != link(other, place, content)
    assert link(one, place, content) != link(one, place + 1, content)


@given(contents)
def test_the_order_of_keys_and_the_zone_of_the_instant_do_not_matter(content: RowContent) -> None:
    turned = replace(
        content,
        details=dict(reversed(list(content.details.items()))),
        occurred_at=content.occurred_at.astimezone(timezone(timedelta(hours=9))),
    )
    assert link(GENESIS, 1, turned) == link(GENESIS, 1, content)


@given(contents, contents)
def test_exchanging_one_field_shows(one: RowContent, other: RowContent) -> None:
    for part in fields(RowContent):
        mixed = replace(one, **{part.name: getattr(other, part.name)})
        assert (mixed.as_bytes() == one.as_bytes()) == (getattr(one, part.name) == getattr(other, part.name))
