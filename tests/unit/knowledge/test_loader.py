"""Reading records: every fault is named with its file, and nothing doubtful gets in."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from openkap import knowledge
from openkap.knowledge import BadRecord, SignOff, State
from openkap.knowledge.loader import read_all, read_record
from openkap.knowledge.schema.criterion import Criterion
from openkap.knowledge.schema.rule import Rule

GOOD = """\
id: a-criterion
title: {en: A figure}
version: 1
effective_from: 2026-01-01
population: adults
sources:
  - {citation: A paper, locator: table 1}
licence: facts
verification: source
effect: permissive
authored_by: tests
next_review_on: 2027-01-01
instrument: phq-9
kind: caseness
value: 10
"""


def written(folder: Path, text: str, name: str = "record.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_record_is_read(tmp_path: Path) -> None:
    record = read_record(written(tmp_path, GOOD), Criterion)
    assert (record.id, record.value, record.effective_from) == ("a-criterion", 10, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("value: 10", "value: 10\nvalue: 11", "given twice: value"),
        ("value: 10", "value: 10\nvallue: 11", "vallue"),
        ("value: 10", "value: ten", "value"),
        ("value: 10", "value: -1", "value"),
        ("value: 10", "", "give either value or measurement_error"),
        ("version: 1", "version: 0", "version"),
        ("version: 1", "version: '1 or 2'", "version"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", "not readable"),
        ("effective_from: 2026-01-01", "effective_from: soon", "effective_from"),
        (
            "effective_from: 2026-01-01",
            "effective_from: 2026-01-01\neffective_until: 2025-01-01",
            "effective_until",
        ),
        ("id: a-criterion", "id: A Criterion", "id"),
        ("id: a-criterion", "", "id"),
        ("  - {citation: A paper, locator: table 1}", "  []", "sources"),
        ("  - {citation: A paper, locator: table 1}", "  - {citation: A paper}", "locator"),
        ("verification: source", "verification: certain", "verification"),
        ("authored_by: tests", "authored_by: tests\nreviewed_by: tests", "reviewed by someone other"),
        ("title: {en: A figure}", "title: {es: Una cifra}", "title"),
        ("title: {en: A figure}", "title: {en: [}", "not readable"),
        ("kind: caseness", "kind: !!python/object/apply:os.system [ls]", "not readable"),
        ("id: a-criterion", "id: \x00", "not readable"),
    ],
)
def test_a_fault_is_refused_and_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(BadRecord, match=fault) as raised:
        read_record(path, Criterion)
    assert "record.yaml" in str(raised.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.yaml"
    path.write_bytes(b"id: \xff\xfe")
    with pytest.raises(BadRecord, match="not readable"):
        read_record(path, Criterion)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecord):
        read_record(written(tmp_path, ""), Criterion)


def test_words_that_old_yaml_takes_for_booleans_stay_words(tmp_path: Path) -> None:
    text = GOOD.replace("population: adults", "population: no").replace("licence: facts", "licence: yes")
    record = read_record(written(tmp_path, text), Criterion)
    assert (record.population, record.licence) == ("no", "yes")


def test_two_versions_may_follow_each_other(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("population", "effective_until: 2026-06-01\npopulation"), "one.yaml")
    second = GOOD.replace("version: 1", "version: 2").replace("2026-01-01", "2026-06-01")
    written(tmp_path, second, "two.yaml")
    assert [record.version for record in read_all(tmp_path, Criterion)] == [1, 2]


@pytest.mark.parametrize("version", ["version: 1", "version: 2"])
def test_two_records_in_force_at_once_are_refused(tmp_path: Path, version: str) -> None:
    written(tmp_path, GOOD, "one.yaml")
    written(tmp_path, GOOD.replace("version: 1", version), "two.yaml")
    with pytest.raises(BadRecord, match="at the same time"):
        read_all(tmp_path, Criterion)


RULE = """\
id: a-rule
title: {en: A rule}
version: 1
effective_from: 2026-01-01
population: adults
sources: [{citation: A label, locator: page 1}]
licence: facts
verification: source
effect: restrictive
authored_by: tests
next_review_on: 2027-01-01
when:
  {test: value, observation: systolic-pressure, operator: '>', value: 180, unit: mmHg, no_older_than: {days: 7}}
action: block
authority: label
contraindication: true
reason: {en: Too high}
examples:
  - {name: high, expect: met}
  - {name: low, expect: not-met}
  - {name: none, expect: unknown}
"""


def test_a_unit_is_kept_by_its_code(tmp_path: Path) -> None:
    rule = read_record(written(tmp_path, RULE), Rule)
    assert rule.when.unit == "mm[Hg]"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("unit: mmHg", "unit: furlongs", "not a unit"),
        ("days: 7", "days: 7, months: 1", "either months or days"),
        ("operator: '>'", "operator: '!='", "operator"),
        ("test: value", "test: guess", "when"),
        ("effect: restrictive", "effect: neutral", "block and hold are restrictive"),
        ("authority: label", "authority: convention", "contraindication is a label's"),
        (
            "contraindication: true",
            "contraindication: true\noverride: {roles: [prescriber], expires_after_days: 1}",
            "nobody overrides",
        ),
        ("expect: not-met", "expect: met", "examples must show"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(BadRecord, match=fault):
        read_record(written(tmp_path, RULE.replace(old, new)), Rule, whole=True)


def test_examples_are_read_only_when_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, RULE)
    assert read_record(path, Rule).examples == ()
    assert [example.name for example in read_record(path, Rule, whole=True).examples] == ["high", "low", "none"]


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("record", "undecided", "adopted", "declined"),
    [
        ("ketamine-swiss-label-stroke", State.ACTIVE, State.ACTIVE, State.ACTIVE),  # a label, read
        ("ketamine-label-aneurysm", State.NEEDS_SIGN_OFF, State.ACTIVE, State.INACTIVE),  # a label, restated
        ("default-maoi", State.NEEDS_SIGN_OFF, State.ACTIVE, State.INACTIVE),  # a convention that restricts
        ("esketamine-trials-glaucoma", State.ACTIVE, State.ACTIVE, State.ACTIVE),  # warns until adopted
        ("veterans-affairs-bipolar", State.ACTIVE, State.ACTIVE, State.INACTIVE),  # so does one restated
        ("hypertension-surges", State.ACTIVE, State.ACTIVE, State.ACTIVE),  # only warns
        ("phq-9-reliable-change", State.INACTIVE, State.ACTIVE, State.INACTIVE),  # permits, from a restatement
        ("phq-9-remission", State.ACTIVE, State.ACTIVE, State.ACTIVE),  # permits, read
        ("phq-9", State.ACTIVE, State.ACTIVE, State.ACTIVE),  # states facts
    ],
)
def test_whether_a_record_may_act(record: str, undecided: State, adopted: State, declined: State) -> None:
    def state(*decisions: bool) -> State:
        sign_offs = [SignOff(record, 1, adopted=decision, decided_on=TODAY) for decision in decisions]
        return knowledge.load(TODAY, sign_offs).state(record)

    assert state() is undecided
    assert state(True) is adopted
    assert state(False) is declined
    assert state(True, False) is declined  # the later decision counts


def test_a_decision_counts_from_its_day_and_for_its_version() -> None:
    later = SignOff("default-maoi", 1, adopted=True, decided_on=date(2026, 12, 1))
    other = SignOff("default-maoi", 2, adopted=True, decided_on=TODAY)
    assert knowledge.load(TODAY, [later, other]).state("default-maoi") is State.NEEDS_SIGN_OFF
    assert knowledge.load(date(2026, 12, 1), [later]).state("default-maoi") is State.ACTIVE


def test_only_labels_and_what_the_site_adopted_may_restrict() -> None:
    plain = knowledge.load(TODAY)
    adopted = knowledge.load(TODAY, [SignOff("esketamine-trials-glaucoma", 1, adopted=True, decided_on=TODAY)])
    assert plain.may_restrict("ketamine-swiss-label-stroke")
    assert not plain.may_restrict("esketamine-trials-glaucoma")
    assert adopted.may_restrict("esketamine-trials-glaucoma")


def test_before_its_first_day_a_record_is_not_in_force() -> None:
    early = knowledge.load(date(2020, 1, 1))
    assert "phq-9" not in early.instruments
    assert early.record("phq-9").id == "phq-9"
    assert early.state("phq-9") is State.INACTIVE


def test_an_unknown_record_is_not_found() -> None:
    with pytest.raises(knowledge.knowledge_set.NotFound):
        knowledge.load(TODAY).state("no-such-record")


def test_a_knowledge_set_cannot_be_changed() -> None:
    known = knowledge.load(TODAY)
    with pytest.raises(TypeError):
        known.rules["x"] = None  # type: ignore[index]
    with pytest.raises(AttributeError):
        known.at = date(2020, 1, 1)  # type: ignore[misc]


def test_the_shared_yaml_loader_of_others_is_left_alone() -> None:
    assert yaml.safe_load("a: yes") == {"a": True}
