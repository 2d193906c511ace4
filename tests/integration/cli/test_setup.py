"""`openkap setup`: a real installation begins, once."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.test import Client
from tests.factories.access import PASSWORD, a_user
from tests.factories.sites import THEN, a_site
from tests.serving import OPENKAP
from tests.template import as_server, clone, drop, template

from openkap.apps.access import bootstrap, operations, queries
from openkap.apps.access.bootstrap import FirstPerson
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.models import Row
from openkap.apps.sites.models import Site
from openkap.errors import BadInput, NotAllowedNow

ADMINISTRATOR = FirstPerson("ada@clinic.example", "Ada Moss", (Role.ADMINISTRATOR,))
DIRECTOR = FirstPerson("dora@clinic.example", "Dora Reed", (Role.MEDICAL_DIRECTOR,))
PLACE = ("Harbour Clinic", "Europe/Zurich", "CH-ZH")


def begin(
    *people: FirstPerson, name: str = PLACE[0], time_zone: str = PLACE[1], jurisdiction: str = PLACE[2]
) -> list[bootstrap.Begun]:
    return bootstrap.begin(name, time_zone, jurisdiction, people or (ADMINISTRATOR, DIRECTOR))[1]


def nothing_is_there() -> bool:
    return not (User.objects.exists() or Site.objects.exists() or Row.objects.exists())


@pytest.mark.django_db
class TestBeginning:
    """The verb itself."""

    def test_the_first_people_hold_their_roles_at_the_first_site(self) -> None:
        begun = begin()
        site = Site.objects.get()
        assert (site.name, site.time_zone, site.jurisdiction) == PLACE
        assert queries.sites_where(begun[0].user, Permission.STAFF_MANAGE) == {site.pk}
        assert queries.sites_where(begun[1].user, Permission.KNOWLEDGE_SIGN) == {site.pk}
        assert not queries.may_anywhere(begun[0].user, Permission.CHART_READ)

    def test_every_act_is_in_the_trail(self) -> None:
        begin()
        acts = list(Row.objects.order_by("id").values_list("action", flat=True))
        assert acts.count("sites.add") == 1
        assert acts.count("access.add-user") == acts.count("access.grant-role") == 2
        assert acts.count("access.set-up-link") == 2

    def test_a_link_leads_to_the_first_password_and_works_once(self, client: Client) -> None:
        path = begin()[0].path
        assert path is not None
        assert client.get(path).status_code == 200
        done = client.post(path, {"password": PASSWORD, "again": PASSWORD})
        assert done.status_code == 302
        assert done.headers["Location"] == "/sign-in/"
        assert User.objects.get(email=ADMINISTRATOR.email).check_password(PASSWORD)
        assert client.get(path).status_code == 410

    def test_a_weak_password_by_the_link_is_refused(self, client: Client) -> None:
        path = begin()[0].path
        assert path is not None
        page = client.post(path, {"password": "password", "again": "password"})
        assert page.status_code == 200
        assert not User.objects.get(email=ADMINISTRATOR.email).has_usable_password()

    def test_one_person_may_be_both(self) -> None:
        both = FirstPerson("ada@clinic.example", "Ada Moss", (Role.ADMINISTRATOR, Role.MEDICAL_DIRECTOR))
        (begun,) = begin(both)
        assert queries.may_anywhere(begun.user, Permission.STAFF_MANAGE)
        assert queries.may_anywhere(begun.user, Permission.KNOWLEDGE_SIGN)

    @pytest.mark.parametrize(
        ("bad", "field"),
        [
            ({"time_zone": "Zurich"}, "time_zone"),
            ({"time_zone": "../etc/passwd"}, "time_zone"),
            ({"name": "  "}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"jurisdiction": "California"}, "jurisdiction"),
            ({"jurisdiction": ""}, "jurisdiction"),
        ],
    )
    def test_a_bad_place_changes_nothing(self, bad: dict[str, str], field: str) -> None:
        with pytest.raises(BadInput) as refusal:
            begin(**bad)
        assert refusal.value.field == field
        assert nothing_is_there()

    @pytest.mark.parametrize(
        ("person", "words"),
        [
            (FirstPerson("dora", "Dora Reed", DIRECTOR.roles), "Medical director: .*e-mail"),
            (FirstPerson(f"{'d' * 250}@x.example", "Dora Reed", DIRECTOR.roles), "Medical director: .*e-mail"),
            (FirstPerson(ADMINISTRATOR.email.upper(), "Dora Reed", DIRECTOR.roles), "already"),
            (FirstPerson("dora@clinic.example", " ", DIRECTOR.roles), "name"),
            (FirstPerson("dora@clinic.example", "D" * 121, DIRECTOR.roles), "too long"),
            (FirstPerson("dora@clinic.example", "Dora Reed", DIRECTOR.roles, "short"), "Medical director: "),
            (FirstPerson("dora@clinic.example", "Dora Reed", DIRECTOR.roles, "password1234"), "common"),
        ],
    )
    def test_a_bad_second_person_takes_the_first_along(self, person: FirstPerson, words: str) -> None:
        with pytest.raises(BadInput, match=words):
            begin(ADMINISTRATOR, person)
        assert nothing_is_there()

    def test_it_begins_once(self) -> None:
        begin()
        with pytest.raises(NotAllowedNow, match="accounts already"):
            begin(name="Second Clinic")
        assert Site.objects.count() == 1
        assert User.objects.count() == 2

    def test_a_site_that_is_there_is_not_doubled(self) -> None:
        a_site("Harbour Clinic")
        with pytest.raises(NotAllowedNow, match="openkap staff add"):
            begin()
        assert Site.objects.count() == 1

    def test_a_closed_account_counts(self) -> None:
        person = a_user()
        operations.close_account(by=bootstrap.SystemActor(), now=THEN, user=person)
        with pytest.raises(NotAllowedNow):
            begin()

    def test_a_password_is_not_shown_by_accident(self) -> None:
        assert PASSWORD not in repr(FirstPerson("a@b.example", "A", (Role.ADMINISTRATOR,), PASSWORD))


@pytest.mark.django_db
class TestTheSignInPage:
    """What a visitor of an empty installation is told."""

    def test_without_accounts_it_says_what_to_do(self, client: Client) -> None:
        page = client.get("/", follow=True)
        assert page.redirect_chain[-1][0].startswith("/sign-in/")
        assert "No accounts yet" in page.content.decode()
        assert "openkap setup" in page.content.decode()

    def test_with_an_account_it_does_not(self, client: Client) -> None:
        a_user()
        assert "openkap setup" not in client.get("/sign-in/").content.decode()


FLAGS = {
    "--site": PLACE[0],
    "--time-zone": PLACE[1],
    "--jurisdiction": PLACE[2],
    "--administrator-email": ADMINISTRATOR.email,
    "--administrator-name": ADMINISTRATOR.full_name,
    "--medical-director-email": DIRECTOR.email,
    "--medical-director-name": DIRECTOR.full_name,
}


@pytest.fixture
def address() -> Iterator[str]:
    """A migrated database without anything in it, for the login of a server."""
    server = os.environ["OPENKAP_DATABASE_URL"]
    name = f"openkap_setup_{os.getpid()}"
    made = clone(server, template(server), name)
    yield made
    drop(server, name)


def environment(home: Path, address: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "OPENKAP_HOME": str(home),
        "OPENKAP_DATABASE_URL": as_server(address),
        "OPENKAP_MIGRATE_URL": address,
    }


@pytest.fixture
def empty_database() -> Iterator[str]:
    """A database without a single table, as a new installation has it."""
    server = os.environ["OPENKAP_DATABASE_URL"]
    name = f"openkap_empty_{os.getpid()}"
    made = clone(server, "template1", name)
    yield made
    drop(server, name)


def setup(
    home: Path, address: str, flags: dict[str, str], *more: str, said: str = ""
) -> subprocess.CompletedProcess[str]:
    words = [OPENKAP, "setup", *more, *(word for pair in flags.items() for word in pair)]
    return subprocess.run(
        words, env=environment(home, address), input=said, capture_output=True, text=True, check=False
    )


def count(address: str, table: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_script_sets_up_once_and_is_told_where_people_begin(tmp_path: Path, address: str) -> None:
    done = setup(tmp_path, address, FLAGS, "--json", "--address", "https://kap.example")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["site"]["name"] == "Harbour Clinic"
    assert [one["roles"] for one in said["people"]] == [["administrator"], ["medical-director"]]
    assert all(one["link"].startswith("https://kap.example/welcome/") for one in said["people"])
    again = setup(tmp_path, address, {**FLAGS, "--site": "Second"}, "--json")
    assert again.returncode == 1
    assert "accounts already" in again.stderr
    assert again.stdout == ""
    assert count(address, "sites_site") == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"--time-zone": "Zurich"}, "is not a time zone"),
        ({"--administrator-email": "ada"}, "Administrator: This is not an e-mail address"),
    ],
)
def test_bad_input_is_told_in_a_sentence_and_leaves_nothing(
    wrong: dict[str, str], words: str, tmp_path: Path, address: str
) -> None:
    done = setup(tmp_path, address, {**FLAGS, **wrong})
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert count(address, "sites_site") == count(address, "access_user") == 0


def test_a_password_comes_from_the_standard_input_and_must_be_strong(tmp_path: Path, address: str) -> None:
    weak = setup(tmp_path, address, FLAGS, "--password-file", "-", said="tulip\n")
    assert weak.returncode == 1
    assert "Administrator: " in weak.stderr
    assert "tulip" not in weak.stderr
    assert count(address, "access_user") == 0
    done = setup(tmp_path, address, FLAGS, "--password-file", "-", "--json", said=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert [one["link"] is None for one in json.loads(done.stdout)["people"]] == [True, False]


def test_without_a_terminal_what_is_missing_is_named(tmp_path: Path) -> None:
    given = {name: value for name, value in FLAGS.items() if "administrator" not in name}
    done = setup(tmp_path, "postgresql://nobody@127.0.0.1:1/none", given)
    assert done.returncode == 2
    assert "--administrator-email, --administrator-name" in done.stderr
    assert "--site," not in done.stderr.rpartition("error:")[2]
    assert list(tmp_path.iterdir()) == []


def test_at_a_terminal_it_asks_until_the_answer_can_be_used(tmp_path: Path, address: str) -> None:
    ours, theirs = pty.openpty()
    answers = [PLACE[0], "Zurich", PLACE[1], "Zürich", PLACE[2], "ada", ADMINISTRATOR.email, "", "Ada Moss"]
    os.write(ours, "".join(f"{line}\n" for line in [*answers, ADMINISTRATOR.email]).encode())
    done = subprocess.run(
        [OPENKAP, "setup"],
        env=environment(tmp_path, address),
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "Perhaps: Europe/Zurich?" in done.stderr
    assert "two capital letters" in done.stderr
    assert "This is not an e-mail address." in done.stderr
    assert "An answer is needed." in done.stderr
    assert "Ada Moss (Administrator and Medical director) signs in as ada@clinic.example:" in done.stdout
    assert len(re.findall(r"http://localhost:8000/welcome/\S+", done.stdout)) == 1


def test_an_installation_that_was_never_started_is_brought_up_to_date_first(
    tmp_path: Path, empty_database: str
) -> None:
    template(os.environ["OPENKAP_DATABASE_URL"])  # makes the server's login, where no test has needed it yet
    done = setup(tmp_path, empty_database, FLAGS, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["site"]["name"] == "Harbour Clinic"
    assert count(empty_database, "access_user") == 2
