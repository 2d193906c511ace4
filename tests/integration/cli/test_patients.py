"""`openkap patients`: importing and judging from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.factories import chart as fhir
from tests.factories.access import a_user
from tests.factories.chart import imported
from tests.factories.sites import a_site

from openkap.apps.access.roles import Role
from openkap.apps.chart.models import Condition
from openkap.apps.people.models import Patient
from openkap.cli import main

IV = ("--indication", "trd", "--drug", "ketamine", "--route", "iv", "--json")


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    path = tmp_path / "chart.json"
    path.write_bytes(fhir.synthea("trey-leffler"))
    return path


def output(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.django_db
def test_imports_and_says_what_became_of_each_file(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_site()
    assert main(["patients", "import", str(chart), "--json"]) == 0
    (first,) = output(capsys)
    patient = Patient.objects.get()
    assert (first["file"], first["patient"], first["record_number"]) == (
        str(chart),
        str(patient.public_id),
        patient.record_number,
    )
    assert (first["created"], first["updated"], first["unchanged"]) == (218, 0, 0)
    kinds = {part["type"]: part for part in first["skipped"]}
    assert kinds["Encounter"]["reason"] == "visits elsewhere are not kept"
    assert main(["patients", "import", str(chart), "--json"]) == 0
    (second,) = output(capsys)
    assert (second["created"], second["updated"], second["unchanged"]) == (0, 0, 218)


@pytest.mark.django_db
def test_a_refused_file_does_not_keep_the_others_out(
    chart: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_site()
    broken = tmp_path / "broken.json"
    broken.write_bytes(chart.read_bytes()[:5000])
    files = [str(broken), str(tmp_path / "missing.json"), str(chart)]
    assert main(["patients", "import", *files, "--json"]) == 1
    said = capsys.readouterr()
    results = json.loads(said.out)
    assert [result["file"] for result in results] == files
    assert [result.get("error", {}).get("code") for result in results] == ["bad-bundle", "bad-input", None]
    assert results[0]["patient"] is None
    assert "cut off" in said.err
    assert Patient.objects.count() == 1


@pytest.mark.django_db
def test_the_site_and_the_person_can_be_named(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    harbour, _hill = a_site("Harbour Clinic"), a_site("Hill House")
    coordinator = a_user(Role.COORDINATOR, site=harbour)
    assert main(["patients", "import", str(chart)]) == 1
    assert "Harbour Clinic, Hill House" in capsys.readouterr().err
    assert main(["patients", "import", str(chart), "--site", "nowhere"]) == 1
    assert main(["patients", "import", str(chart), "--site", "harbour clinic", "--by", "x@y.example"]) == 1
    named = ["--site", "harbour clinic", "--by", coordinator.email]
    assert main(["patients", "import", str(chart), *named]) == 0
    assert "218 created" in capsys.readouterr().out
    assert Condition.objects.first().recorded_by == coordinator  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_namesake_is_registered_only_when_asked(tmp_path: Path) -> None:
    imported(fhir.bundle())
    other = tmp_path / "other.json"
    other.write_bytes(fhir.bundle(who=fhir.patient(identifier=[{"system": "http://o.example", "value": "9"}])))
    assert main(["patients", "import", str(other)]) == 1
    assert main(["patients", "import", str(other), "--another-person"]) == 0


def test_judges_a_file_without_any_database(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patients", "assess", "--bundle", str(chart), *IV]) == 0
    judged = output(capsys)
    assert judged["verdict"] in {"blocked", "needs"}
    assert {"rule", "action", "reason", "fact", "source", "verification", "authority"} <= set(
        judged["findings"][0]
    )
    assert {"evaluated", "inactive", "inapplicable"} <= set(judged)
    assert any("Alcoholism" in fact["text"] for finding in judged["findings"] for fact in finding["fact"])


def test_judges_as_of_a_day(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patients", "assess", "--bundle", str(chart), "--on", "1960-01-01", *IV]) == 0
    judged = output(capsys)
    assert judged["on"] == "1960-01-01"
    assert not any("Alcoholism" in fact["text"] for finding in judged["findings"] for fact in finding["fact"])


@pytest.mark.django_db
def test_judges_a_patient_by_id_and_number(capsys: pytest.CaptureFixture[str]) -> None:
    patient = imported(fhir.synthea("trey-leffler")).patient
    for name in (str(patient.public_id), patient.record_number):
        assert main(["patients", "assess", "--patient", name, *IV]) == 0
        judged = output(capsys)
        assert judged["patient"] == str(patient.public_id)
        assert judged["findings"]
        assert judged["overrides"] == []
    assert main(["patients", "assess", "--patient", "OK-999999", *IV]) == 1
    assert "no such patient" in capsys.readouterr().err


def test_says_it_plainly(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patients", "assess", "--bundle", str(chart), *IV[:-1]]) == 0
    said = capsys.readouterr().out
    assert "ketamine iv for trd" in said
    assert "Alcoholism: active" in said


@pytest.mark.parametrize(
    "wrong",
    [
        ("--drug", "mescaline"),
        ("--route", "smoke"),
        ("--indication", "boredom"),
        ("--on", "2026-02-30"),
        ("--patient", "OK-000001"),
    ],
)
def test_wrong_usage_is_told(chart: Path, wrong: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["patients", "assess", "--bundle", str(chart), *IV, *wrong])
    assert ended.value.code == 2


def test_a_file_that_is_no_chart_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Dear colleague")
    assert main(["patients", "assess", "--bundle", str(path), *IV]) == 1
    assert "not JSON" in capsys.readouterr().err


@pytest.mark.django_db
def test_judges_everyone_in_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    patients = [imported(fhir.synthea(name)).patient for name in ("trey-leffler", "rudy-macejkovic")]
    assert main(["patients", "assess", "--all", *IV]) == 0
    judged = output(capsys)
    assert {one["patient"] for one in judged["patients"]} == {str(patient.public_id) for patient in patients}
    assert (judged["n"], judged["drug"], judged["route"]) == (2, "ketamine", "iv")
    assert sum(judged["verdicts"].values()) == 2
    assert all(one["findings"] for one in judged["patients"])
    assert main(["patients", "assess", "--all", *IV[:-1]]) == 0
    assert "ketamine iv for trd: 2 needs." in capsys.readouterr().out


@pytest.mark.django_db
def test_judging_nobody_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patients", "assess", "--all", *IV]) == 0
    judged = output(capsys)
    assert (judged["n"], judged["patients"], judged["verdicts"]) == (0, [], {})


def test_a_file_is_judged_with_its_clearance_and_for_a_place(
    chart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def rules(*more: str) -> set[str]:
        assert main(["patients", "assess", "--bundle", str(chart), *IV, *more]) == 0
        return {finding["rule"] for finding in output(capsys)["findings"]}

    anywhere, here = rules(), rules("--jurisdiction", "US-CA")
    assert "clearance-ecg" in here  # a file has no reading of an ECG
    assert "columbia-facility" in anywhere - here


def test_every_finding_names_its_source_and_place_in_words(
    chart: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["patients", "assess", "--bundle", str(chart), *IV[:-1]]) == 0
    said = capsys.readouterr().out
    assert (
        "source: US ketamine label reprints" in said or "source: OpenKAP convention: no source claimed" in said
    )
    judged = [line for line in said.splitlines() if line.startswith("  ") and not line.startswith("    ")]
    assert said.count("    source: ") >= len(judged) > 10
