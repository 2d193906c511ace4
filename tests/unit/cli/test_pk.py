"""`openkap pk` as a script sees it."""

import json
import re

import pytest

from openkap.cli import main

IV = "35 mg ketamine iv over 40 min at 0 min"


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["pk", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def simulated(capsys, *more: str) -> dict:
    code, out, _ = run(
        capsys,
        "simulate",
        "--model",
        "otto-2021",
        "--weight",
        "70",
        "--age",
        "30",
        "--dose",
        IV,
        "--json",
        *more,
    )
    assert code == 0
    return json.loads(out)


def test_simulate_writes_json_with_everything_a_script_needs(capsys):
    found = simulated(capsys, "--until", "2 h", "--every", "10 min", "--population", "100", "--seed", "3")
    assert found["model"] == "otto-2021"
    assert found["version"] == 1
    assert found["times_min"] == [10.0 * i for i in range(13)]
    assert found["base_dose_mg"] == {"ketamine": 35.0}
    assert found["range"] == "in_range"
    assert found["assumptions"]
    assert (found["band"]["vary"], found["band"]["without"]) == (["bsv"], ["iov"])  # none was published
    curve = found["analytes"]["ketamine"]
    assert (curve["site"], curve["unit"]) == ("venous plasma", "ng/mL")
    assert max(curve["typical"]) == pytest.approx(167.4, abs=0.1)
    assert all(low <= high for low, high in zip(curve["p05"], curve["p95"], strict=True))


def test_the_same_seed_gives_the_same_bytes(capsys):
    again = ("--at", "10 min,40 min", "--population", "60", "--seed", "9")
    assert simulated(capsys, *again) == simulated(capsys, *again)


def test_hydrochloride_is_counted_as_the_base_it_holds(capsys):
    code, out, _ = run(capsys, "simulate", "--model", "otto-2021", "--weight", "70", "--json", "--at", "40 min",
                       "--dose", "40 mg ketamine hydrochloride iv over 40 min at 0 min")  # fmt: skip
    assert code == 0
    assert json.loads(out)["base_dose_mg"]["ketamine"] == pytest.approx(40 * 0.867)


def test_an_assumed_route_has_no_typical_line(capsys):
    code, out, _ = run(capsys, "simulate", "--model", "otto-2021", "--weight", "70", "--json", "--at", "30 min",
                       "--dose", "50 mg ketamine im at 0 min")  # fmt: skip
    assert code == 0
    curve = json.loads(out)["analytes"]["ketamine"]
    assert curve["typical"] is None
    assert curve["p05"][0] < curve["p95"][0]


def test_table_csv_and_picture(capsys, tmp_path):
    code, out, _ = run(
        capsys, "simulate", "--model", "simons-2022", "--weight", "70", "--at", "10 min", "--dose", IV
    )
    assert code == 0
    assert "secondary" in out
    assert "S-hydroxynorketamine typical" in out
    assert "Given: 35 mg ketamine." in out
    assert "In arterial plasma: ketamine, S-ketamine, R-ketamine" in out
    picture = tmp_path / "x.svg"
    code, out, _ = run(capsys, "simulate", "--model", "otto-2021", "--weight", "70", "--at", "10 min,20 min",
                       "--dose", IV, "--csv", "--plot", str(picture))  # fmt: skip
    assert code == 0
    assert out.splitlines()[0].startswith("time_min,ketamine venous plasma typical ng/mL,")
    assert len(out.splitlines()) == 3
    first = picture.read_bytes()
    run(capsys, "simulate", "--model", "otto-2021", "--weight", "70", "--at", "10 min,20 min", "--dose", IV,
        "--csv", "--plot", str(picture))  # fmt: skip
    assert picture.read_bytes() == first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--weight", "-70"), "weight_kg"),
        (("--weight", "nan"), "weight_kg"),
        (("--model", "clements-1981"), "There is no model"),
        (("--dose", "35 mg propofol iv bolus at 0 min"), "propofol"),
        (("--dose", "35 iv"), "not a dose"),
        (("--dose", "35 mg ketamine rectal at 1 h"), "Dose 2: route: 'rectal'"),
        (("--dose", "20 mg ketamine in at 0 min"), "ntranasal"),
        (("--dose", "35 mg ketamine iv over 40 min at 20 min"), "overlaps"),
        (("--population", "3"), "population"),
        (("--population", "50", "--vary", "everything"), "--vary"),
        (("--at", "ten minutes"), "--at: 'ten minutes' is not a span of time"),
        (("--at", "5 min", "--until", "1 h"), "--until goes with --every"),
        (("--japanese",), "asian: somebody of Japanese ancestry"),
        (("--seed", "4"), "--seed goes with --population"),
        (("--borrow", "kamp-2020"), "--borrow goes with --population"),
        (("--vary", "iov"), "--vary goes with --population"),
        (("--population", "50", "--vary", "iov"), "vary: otto-2021 has no variance of the kind iov"),
        (("--population", "50", "--borrow", "simons-2022"), "has between-subject variances of its own"),
        (("--dose", "35 mL ketamine iv bolus at 1 h"), "Dose 2: amount: 35 mL is not"),
        (("--dose", "0 mg ketamine iv bolus at 1 h"), "Dose 2: amount: A dose must be more than zero"),
        (("--dose", "5 mg ketamine iv over 3 mg at 1 h"), "Dose 2: over: '3 mg' is not a span"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_one(capsys, change, words):
    base = ["simulate", "--model", "otto-2021", "--weight", "70", "--dose", IV]
    at = [] if "--at" in change else ["--at", "10 min"]
    code, out, err = run(capsys, *base, *at, *change)
    assert code == 1
    assert out == ""
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_solve_numbers_compartments_and_names_units(capsys, tmp_path):
    file = tmp_path / "doses.csv"
    file.write_text("ID,TIME,AMT,RATE,CMT,EVID\n1,0,100,0,1,1\n1,2,.,.,2,0\n", encoding="utf-8")
    arguments = ("solve", str(file), "--structure", "1cmt+depot", "--param", "CL=5", "V=50", "--param", "KA=1")
    code, out, _ = run(capsys, *arguments, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["compartments"] == {"1": "depot", "2": "central"}
    assert found["units"] == {"TIME": "h", "AMOUNT": "mg", "CONC": "mg/L"}
    exact = 100 * 1.0 / 0.9 * (2.718281828459045**-0.2 - 2.718281828459045**-2)
    assert found["rows"] == [
        {"ID": "1", "TIME": 2.0, "CMT": 2, "AMOUNT": pytest.approx(exact), "CONC": pytest.approx(exact / 50)}
    ]
    code, out, _ = run(capsys, *arguments, "--csv")
    assert out.splitlines()[0] == "ID,TIME,CMT,AMOUNT,CONC"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--structure", "5cmt", "--param", "CL=1"), "not a structure"),
        (("--structure", "1cmt", "--param", "CL=1", "V1=1", "K=1"), "no parameter"),
        (("--structure", "1cmt", "--param", "CL"), "not a parameter"),
        (("--structure", "1cmt", "--param", "CL=__import__('os')", "V1=1"), "CL"),
        (("--structure", "1cmt", "--param", "CL=1"), "needs V1"),
        (("--structure", "1cmt", "--param", "CL=1", "CL=2", "V1=1"), "CL is given twice"),
        (("--structure", "1cmt", "--param", "CL=1", "V=2", "--param", "V1=3"), "V1 is given twice"),
        (
            ("--structure", "1cmt", "--param", "CL=1", "V1=1", "--time-unit", "mg"),
            "not an amount in s|is not|h",
        ),
    ],
)
def test_solve_refuses_what_it_cannot_mean(capsys, tmp_path, arguments, words):
    file = tmp_path / "doses.csv"
    file.write_text("TIME,AMT\n0,100\n1,.\n", encoding="utf-8")
    code, out, err = run(capsys, "solve", str(file), *arguments)
    assert (code, out) == (1, "")
    assert re.search(words, err)


def test_a_file_that_is_not_there_is_a_clear_error(capsys, tmp_path):
    code, _, err = run(
        capsys, "solve", str(tmp_path / "none.csv"), "--structure", "1cmt", "--param", "CL=1", "V1=1"
    )
    assert code == 1
    assert "none.csv cannot be read" in err


def test_a_regimen_that_cannot_be_read_is_named_by_its_number(capsys):
    code, _, err = run(capsys, "compare", "--weight", "70", "--regimen", f"otto-2021: {IV}",
                       "--regimen", f"otto-2021: {IV}; 35 mL ketamine im at 2 h")  # fmt: skip
    assert (code, err.strip()) == (1, "openkap: Regimen 2: Dose 2: amount: 35 mL is not an amount in mg.")


def test_compare_always_says_that_it_is_no_conversion(capsys):
    arguments = ("compare", "--weight", "70", "--until", "3 h", "--above", "30 ng/mL",
                 "--regimen", f"otto-2021: {IV}",
                 "--regimen", "perez-ruixo-2021: 56 mg esketamine in at 0 min")  # fmt: skip
    for form in ((), ("--json",)):
        code, out, _ = run(capsys, *arguments, *form)
        assert code == 0
        assert "not a dose conversion" in out
        assert "S-ketamine" in out
        assert "venous plasma" in out
    code, _, err = run(capsys, *arguments[:-1], f"simons-2022: {IV}")
    assert code == 1
    assert "different sites" in err


@pytest.mark.parametrize("level", ["30 mg", "-3 ng/mL", "0 ng/mL", "thirty"])
def test_a_level_is_a_positive_concentration(capsys, level):
    code, out, err = run(capsys, "compare", "--weight", "70", "--above", level,
                         "--regimen", f"otto-2021: {IV}", "--regimen", f"otto-2021: {IV}")  # fmt: skip
    assert (code, out) == (1, "")
    assert "--above" in err


def test_models_and_exports(capsys):
    code, out, _ = run(capsys, "models", "--json")
    assert code == 0
    assert {one["id"] for one in json.loads(out)} >= {"otto-2021", "simons-2022"}
    for language in ("mrgsolve", "nonmem"):
        code, out, _ = run(capsys, "export", "kamp-2020", "--to", language)
        assert code == 0
        assert "TVCL" in out


def test_a_control_stream_has_no_doses_of_its_own(capsys):
    code, out, err = run(capsys, "export", "kamp-2020", "--to", "mrgsolve", "--weight", "70", "--dose", IV)
    assert (code, out) == (1, "")
    assert "go with --to records" in err


def test_what_needs_a_sign_off_is_not_taken_on_the_command_line(capsys):
    words = [
        "pk",
        "simulate",
        "--model",
        "otto-2021",
        "--weight",
        "70",
        "--dose",
        "35 mg ketamine sc bolus at 0 min",
    ]
    assert main([*words, "--at", "1 h", "--taken", "cyp2b6-two-star-6"]) != 0
    assert "Nothing is known of 'cyp2b6-two-star-6'" in capsys.readouterr().err
