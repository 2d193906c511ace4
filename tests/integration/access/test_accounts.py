"""Accounts and roles: who may change them, and what follows at once."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from tests.factories.access import PASSWORD, a_client, a_user
from tests.factories.sites import a_site
from tests.sharing import shared

from openkap.apps.access import operations, queries
from openkap.apps.access.models import Membership, User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.models import Row
from openkap.apps.audit.operations import SystemActor
from openkap.apps.sites.models import Site
from openkap.errors import BadInput, NotAllowedNow, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SYSTEM = SystemActor()


@shared
def site() -> Site:
    return a_site()


@pytest.fixture
def administrator(site: Site) -> User:
    return a_user(Role.ADMINISTRATOR, site=site)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_manage_staff(site: Site, role: Role) -> None:
    by, colleague = a_user(role, site=site), a_user(Role.MONITOR, site=site)
    with pytest.raises(Refused):
        operations.add_user(by=by, now=NOW, email="new@clinic.example", full_name="New")
    with pytest.raises(Refused):
        operations.grant_role(by=by, now=NOW, user=colleague, site=site, role=Role.THERAPIST)
    with pytest.raises(Refused):
        operations.close_account(by=by, now=NOW, user=colleague)
    with pytest.raises(Refused):
        operations.end_role(by=by, now=NOW, membership=colleague.memberships.get())


def test_an_administrator_gives_roles_at_their_own_site_only(administrator: User, site: Site) -> None:
    colleague = a_user()
    operations.grant_role(by=administrator, now=NOW, user=colleague, site=site, role=Role.MONITOR)
    assert queries.sites_where(colleague, Permission.DOSING_RECORD) == {site.pk}
    with pytest.raises(Refused):
        operations.grant_role(
            by=administrator, now=NOW, user=colleague, site=a_site("Other"), role=Role.MONITOR
        )
    assert Row.objects.filter(action="access.grant-role", subject_id=colleague.public_id).count() == 1


def test_nobody_widens_their_own_rights(administrator: User, site: Site) -> None:
    with pytest.raises(Refused, match="your own"):
        operations.grant_role(by=administrator, now=NOW, user=administrator, site=site, role=Role.PRESCRIBER)
    with pytest.raises(Refused, match="your own"):
        operations.close_account(by=administrator, now=NOW, user=administrator)


def test_an_account_of_two_sites_is_closed_by_who_administers_both(administrator: User, site: Site) -> None:
    colleague = a_user(Role.MONITOR, site=site)
    operations.grant_role(by=SYSTEM, now=NOW, user=colleague, site=a_site("Other"), role=Role.MONITOR)
    with pytest.raises(Refused, match="do not administer"):
        operations.close_account(by=administrator, now=NOW, user=colleague)


def test_a_role_is_held_once_and_ends_once(administrator: User, site: Site) -> None:
    colleague = a_user(Role.MONITOR, site=site)
    with pytest.raises(NotAllowedNow):
        operations.grant_role(by=administrator, now=NOW, user=colleague, site=site, role=Role.MONITOR)
    member = Membership.objects.get(user=colleague)
    operations.end_role(by=administrator, now=NOW, membership=member)
    assert not queries.may_anywhere(colleague, Permission.DOSING_READ)
    with pytest.raises(NotAllowedNow):
        operations.end_role(by=administrator, now=NOW, membership=member)


def test_a_closed_account_is_out_at_once_and_comes_back_with_its_roles(administrator: User, site: Site) -> None:
    colleague = a_user(Role.MONITOR, site=site)
    client = a_client(colleague)
    operations.close_account(by=administrator, now=NOW, user=colleague)
    assert client.get("/knowledge/").headers["Location"].startswith("/sign-in/")
    assert queries.roles_of(colleague) == {}
    operations.reopen_account(by=administrator, now=NOW, user=colleague)
    assert queries.may_anywhere(User.objects.get(pk=colleague.pk), Permission.DOSING_READ)


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [("no address", "New", "email"), ("", "New", "email"), ("new@clinic.example", "  ", "full_name")],
)
def test_a_bad_account_is_refused(administrator: User, email: str, name: str, field: str) -> None:
    before = User.objects.count()
    with pytest.raises(BadInput) as refused:
        operations.add_user(by=administrator, now=NOW, email=email, full_name=name)
    assert (refused.value.field, User.objects.count()) == (field, before)


def test_an_address_is_taken_whatever_its_capitals(administrator: User) -> None:
    operations.add_user(by=administrator, now=NOW, email="New@Clinic.example", full_name="New")
    with pytest.raises(BadInput, match="already"):
        operations.add_user(by=administrator, now=NOW, email=" new@clinic.EXAMPLE", full_name="New")


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012", "person@clinic.example"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(BadInput):
        operations.add_user(
            by=SYSTEM, now=NOW, email="person@clinic.example", full_name="Per Son", password=password
        )


def test_a_set_up_link_works_once(administrator: User, client: Client) -> None:
    person = operations.add_user(by=administrator, now=NOW, email="new@clinic.example", full_name="New Person")
    token = operations.set_up_token(by=administrator, now=NOW, user=person)
    path = f"/welcome/{person.public_id}/{token}/"
    assert "Welcome, New Person" in client.get(path).content.decode()
    weak = client.post(path, {"password": "short", "again": "short"})
    assert "too short" in weak.content.decode()
    assert "not the same" in client.post(path, {"password": PASSWORD, "again": "x"}).content.decode()
    assert client.post(path, {"password": PASSWORD, "again": PASSWORD}).headers["Location"] == "/sign-in/"
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)
    assert client.get(path).status_code == 410
    assert (
        client.post(path, {"password": "another long password", "again": "another long password"}).status_code
        == 410
    )
    with pytest.raises(NotAllowedNow):
        operations.set_up_token(by=administrator, now=NOW, user=User.objects.get(pk=person.pk))


def test_a_set_up_link_runs_out(administrator: User, client: Client, settings: object) -> None:
    person = operations.add_user(by=administrator, now=NOW, email="new@clinic.example", full_name="New Person")
    token = operations.set_up_token(by=administrator, now=NOW, user=person)
    settings.PASSWORD_RESET_TIMEOUT = -1  # type: ignore[attr-defined]
    assert client.get(f"/welcome/{person.public_id}/{token}/").status_code == 410


def test_lost_factors_are_voided_whole(administrator: User, site: Site) -> None:
    colleague = a_user(Role.MONITOR, site=site, password=PASSWORD)
    TOTP.activate(colleague, "JBSWY3DPEHPK3PXP")
    client = a_client(colleague)
    operations.forget_second_factors(by=administrator, now=NOW, user=colleague)
    assert not Authenticator.objects.exists()
    assert not User.objects.get(pk=colleague.pk).has_usable_password()
    assert client.get("/knowledge/").status_code == 302


def test_secrets_of_apps_are_not_readable_in_the_database(site: Site) -> None:
    TOTP.activate(a_user(Role.MONITOR, site=site), "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.get().data)


def test_staff_keep_their_last_factor(site: Site) -> None:
    colleague = a_user(Role.MONITOR, site=site, password=PASSWORD)
    TOTP.activate(colleague, "JBSWY3DPEHPK3PXP")
    client = a_client(colleague)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": datetime.now(UTC).timestamp(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(colleague.pk)
    session.save()
    assert "only second factor" in client.get("/settings/security/app/remove/").content.decode()
    client.post("/settings/security/app/remove/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_pages_of_an_administrator(administrator: User, site: Site) -> None:
    client = a_client(administrator)
    colleague = a_user(Role.MONITOR, site=site, name="Mona Reyes")
    assert "Mona Reyes" in client.get("/settings/staff/").content.decode()
    answer = client.post(
        "/settings/staff/add/",
        {
            "full_name": "Ida Okafor",
            "credentials": "MD",
            "email": "ida@clinic.example",
            "site": str(site.public_id),
            "role": "prescriber",
        },
    )
    assert "/welcome/" in answer.content.decode()
    ida = User.objects.get(email="ida@clinic.example")
    assert queries.sites_where(ida, Permission.DOSING_ORDER) == {site.pk}
    page = client.get(f"/settings/staff/{colleague.public_id}/").content.decode()
    assert "Session monitor" in page
    client.post(
        f"/settings/staff/{colleague.public_id}/roles/", {"site": str(site.public_id), "role": "therapist"}
    )
    assert Membership.objects.filter(user=colleague, role="therapist", ended_at=None).exists()
    member = Membership.objects.get(user=colleague, role="monitor")
    client.post(f"/settings/staff/{colleague.public_id}/roles/{member.pk}/end/")
    assert not Membership.objects.filter(user=colleague, role="monitor", ended_at=None).exists()


def test_staff_of_another_site_are_not_found(administrator: User) -> None:
    stranger = a_user(Role.MONITOR, site=a_site("Other"))
    client = a_client(administrator)
    assert client.get(f"/settings/staff/{stranger.public_id}/").status_code == 404
    assert client.post(f"/settings/staff/{stranger.public_id}/close/").status_code == 404
    assert User.objects.get(pk=stranger.pk).is_active


def test_a_bad_add_form_says_why_and_adds_nobody(administrator: User, site: Site) -> None:
    before = User.objects.count()
    for said in ({}, {"site": "x", "role": "king"}, {"full_name": "A", "email": administrator.email}):
        answer = a_client(administrator).post("/settings/staff/add/", said)
        assert answer.status_code == 400
        assert "Nothing was saved yet" in answer.content.decode()
    assert User.objects.count() == before


def test_a_site_is_changed_by_its_administrator(administrator: User, site: Site) -> None:
    client = a_client(administrator)
    path = f"/settings/sites/{site.public_id}/"
    good = {"name": "Harbour", "time_zone": "Europe/Zurich", "jurisdiction": "CH"}
    assert client.post(path, {**good, "time_zone": "Mars/Base"}).status_code == 400
    assert client.post(path, good).headers["Location"] == "/settings/sites/"
    assert Site.objects.get(pk=site.pk).time_zone == "Europe/Zurich"
    other = a_site("Other")
    assert client.get(f"/settings/sites/{other.public_id}/").status_code == 404


def test_a_page_asks_for_roles_once(administrator: User, django_assert_max_num_queries: object) -> None:
    client = a_client(administrator)
    client.get("/settings/")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get("/settings/")


def test_time_of_membership_is_kept(administrator: User, site: Site) -> None:
    colleague = a_user()
    member = operations.grant_role(by=administrator, now=NOW, user=colleague, site=site, role=Role.RESEARCHER)
    operations.end_role(by=administrator, now=NOW + timedelta(days=1), membership=member)
    kept = Membership.objects.get(pk=member.pk)
    assert (kept.began_at, kept.ended_at) == (NOW, NOW + timedelta(days=1))
