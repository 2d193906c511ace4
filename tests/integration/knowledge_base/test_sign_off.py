"""The director's decisions, and what is in force after them."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.access import a_user
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role
from openkap.apps.audit.models import Row
from openkap.apps.knowledge_base import operations, queries
from openkap.apps.knowledge_base.models import SignOff
from openkap.apps.sites.models import Site
from openkap.errors import BadInput, NotAllowedNow, NotFound, Refused
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.record import Effect, Record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def director(site: Site) -> User:
    return a_user(Role.MEDICAL_DIRECTOR, site=site)


def known(site: Site, at: datetime = NOW) -> KnowledgeSet:
    return queries.knowledge_for(site, at)


def undecided(site: Site, effect: Effect) -> Record:
    """A record that waits for the director."""
    return next(
        record
        for _, record in queries.records_of(known(site))
        if record.effect is effect and queries.waits_for_decision(known(site), record)
    )


def decide(record: Record, by: User, site: Site | None, *, adopted: bool, at: datetime = NOW) -> SignOff:
    return operations.sign_off(
        by=by,
        now=at,
        record_id=record.id,
        version=record.version,
        site=site,
        adopted=adopted,
        reason="" if adopted else "Not our practice.",
    )


@pytest.mark.parametrize("effect", [Effect.RESTRICTIVE, Effect.PERMISSIVE])
def test_adopting_makes_a_record_act_from_that_moment(site: Site, director: User, effect: Effect) -> None:
    record = undecided(site, effect)
    before = known(site).state(record.id)
    decide(record, director, site, adopted=True)
    assert known(site).state(record.id) is State.ACTIVE
    assert known(site, NOW - timedelta(seconds=1)).state(record.id) is before


def test_a_rejected_record_does_not_act(site: Site, director: User) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    decide(record, director, site, adopted=False)
    assert known(site).state(record.id) is State.INACTIVE


def test_the_latest_decision_of_a_day_counts(site: Site, director: User) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    decide(record, director, site, adopted=True)
    decide(record, director, site, adopted=False, at=NOW + timedelta(minutes=1))
    assert known(site, NOW + timedelta(minutes=2)).decision(record.id) is False
    assert [one.adopted for one in queries.decisions_on(record.id, site)] == [False, True]


def test_a_decision_is_for_its_site(site: Site, director: User) -> None:
    other = a_site("Forest House")
    record = undecided(site, Effect.PERMISSIVE)
    decide(record, director, site, adopted=True)
    assert known(other).decision(record.id) is None


def test_a_decision_for_all_sites_takes_the_director_of_all(site: Site, director: User) -> None:
    other = a_site("Forest House")
    record = undecided(site, Effect.PERMISSIVE)
    with pytest.raises(Refused, match="all of them"):
        decide(record, director, None, adopted=True)
    both = a_user(Role.MEDICAL_DIRECTOR, site=site)
    from openkap.apps.access.operations import grant_role
    from openkap.apps.audit.operations import SystemActor

    grant_role(by=SystemActor(), now=NOW, user=both, site=other, role=Role.MEDICAL_DIRECTOR)
    decide(record, both, None, adopted=True)
    assert known(other).decision(record.id) is True
    assert known(site).decision(record.id) is True


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MEDICAL_DIRECTOR])
def test_nobody_else_decides(site: Site, role: Role) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    with pytest.raises(Refused):
        decide(record, a_user(role, site=site), site, adopted=True)
    assert not SignOff.objects.exists()


def test_a_director_of_another_site_does_not_decide_here(site: Site) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    with pytest.raises(Refused):
        decide(record, a_user(Role.MEDICAL_DIRECTOR, site=a_site("Forest House")), site, adopted=True)


def test_a_rejection_needs_a_reason(site: Site, director: User) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    with pytest.raises(BadInput, match="Say why"):
        operations.sign_off(
            by=director,
            now=NOW,
            record_id=record.id,
            version=record.version,
            site=site,
            adopted=False,
            reason=" ",
        )


def test_an_old_version_is_not_decided(site: Site, director: User) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    with pytest.raises(NotAllowedNow, match="newer version"):
        operations.sign_off(
            by=director, now=NOW, record_id=record.id, version=record.version + 1, site=site, adopted=True
        )


def test_an_unknown_record_is_not_decided(site: Site, director: User) -> None:
    with pytest.raises(NotFound):
        operations.sign_off(by=director, now=NOW, record_id="no-such", version=1, site=site, adopted=True)


def test_a_record_that_states_facts_is_not_decided(site: Site, director: User) -> None:
    facts = next(record for _, record in queries.records_of(known(site)) if not queries.can_be_decided(record))
    with pytest.raises(NotAllowedNow, match="nothing to decide"):
        decide(facts, director, site, adopted=True)


def test_a_decision_is_in_the_trail(site: Site, director: User) -> None:
    record = undecided(site, Effect.PERMISSIVE)
    decided = decide(record, director, site, adopted=True)
    row = Row.objects.get(action="knowledge_base.sign-off")
    assert (row.subject_id, row.site_id, row.actor_id) == (decided.public_id, site.pk, director.public_id)
    assert row.details == {"record": record.id, "version": record.version, "adopted": True}


def test_the_day_is_that_of_the_site(site: Site) -> None:
    assert known(site, datetime(2026, 12, 2, 3, 0, tzinfo=UTC)).at.isoformat() == "2026-12-01"


def test_a_guideline_only_warns_until_the_director_adopts_it(site: Site, director: User) -> None:
    rule = known(site).rules["resistant-two-failed-trials"]
    assert not known(site).may_restrict(rule.id)
    decide(rule, director, site, adopted=True)
    assert known(site).may_restrict(rule.id)


def test_no_rule_that_could_hold_is_beyond_adoption(site: Site) -> None:
    for rule in known(site).rules.values():
        stuck = rule.action in {"block", "hold"} and not known(site).may_restrict(rule.id)
        assert not stuck or queries.can_be_decided(rule), rule.id
