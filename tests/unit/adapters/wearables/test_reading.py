"""Files of telephones and watches: each known kind read, everything else refused in words."""

import io
import struct
import zipfile
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from tests.unit.adapters.wearables import exports
from tests.unit.adapters.wearables.exports import apple_xml, sleep, steps, zipped

from openkap.adapters.wearables import Columns, DayOrder, Form, SleepUnit, Table, archive, guess, tabulate
from openkap.adapters.wearables.reading import Read, read_export
from openkap.adapters.wearables.tables import read_table
from openkap.core.lifestyle import Found, Kind, Skipped, Tally, Window
from openkap.errors import BadInput

NINTH, TENTH = date(2026, 3, 9), date(2026, 3, 10)


def a_tally() -> Tally:
    return Tally(Window.back_from(TENTH, 60), ZoneInfo("Europe/Madrid"))


def read(raw: bytes | str) -> tuple[Read, Found]:
    tally = a_tally()
    done = read_export(io.BytesIO(raw.encode() if isinstance(raw, str) else raw), tally)
    return done, tally.found()


def refused(raw: bytes | str) -> str:
    with pytest.raises(BadInput) as error:
        read(raw)
    return str(error.value)


NIGHT = (
    sleep("InBed", "2026-03-08 22:00:00 +0100", "2026-03-09 08:00:00 +0100"),
    sleep("AsleepCore", "2026-03-08 23:00:00 +0100", "2026-03-09 03:00:00 +0100"),
    sleep("AsleepREM", "2026-03-09 03:00:00 +0100", "2026-03-09 04:00:00 +0100"),
    sleep("Awake", "2026-03-09 04:00:00 +0100", "2026-03-09 05:00:00 +0100"),
    sleep("AsleepDeep", "2026-03-09 05:00:00 +0100", "2026-03-09 06:30:00 +0100"),
)


@pytest.mark.parametrize("packed", [False, True])
def test_apple_health_gives_steps_and_sleep_and_nothing_else(packed: bool) -> None:
    raw = apple_xml(
        steps(400, "2026-03-09 08:00:00 +0100"),
        steps(600, "2026-03-09 21:00:00 -0800"),  # the tenth in Madrid
        steps(900, "2026-03-09 08:00:00 +0100", "Watch"),
        exports.HEART,
        *NIGHT,
    )
    if packed:
        raw = zipped({"apple_health_export/export_cda.xml": "<x/>", "apple_health_export/export.xml": raw})
    done, found = read(raw)
    assert done == Read(Form.APPLE_HEALTH)
    assert found.by_device == {
        Kind.STEPS: {"iPhone": {NINTH: 400, TENTH: 600}, "Watch": {NINTH: 900}},
        Kind.ASLEEP: {"Watch": {NINTH: 390}},
    }
    assert found.skipped == {}


def test_apple_records_that_say_nothing_are_counted() -> None:
    _done, found = read(
        apple_xml(
            steps("many", "2026-03-09 08:00:00 +0100"),
            steps(10, "yesterday"),
            steps(3, "2026-03-09 08:00:00 +0100", unit="km"),
            steps(3, "0001-01-01 00:00:00 +0100"),
            '<Record type="HKQuantityTypeIdentifierStepCount"/>',
        )
    )
    assert found.is_empty
    assert found.skipped == {Skipped.UNREADABLE: 5}


@pytest.mark.parametrize("raw", [
    '<!DOCTYPE HealthData [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><HealthData x="&b;"/>',
    '<!DOCTYPE HealthData [<!ENTITY a SYSTEM "file:///etc/passwd">]><HealthData>&a;</HealthData>',
    '<!DOCTYPE HealthData [<!ENTITY % p SYSTEM "http://localhost/x"> %p;]><HealthData/>',
    "<HealthData><Record", "<HealthData>" + "<a>" * 100, "<HealthData></HealthDatum>",
])  # fmt: skip
def test_xml_that_does_harm_or_is_broken_is_refused(raw: str) -> None:
    assert "damaged" in refused(raw)


def test_xml_of_another_kind_and_a_tag_without_end_are_refused() -> None:
    assert "cannot be read here" in refused("<gpx><trkpt lat='1' lon='2'/></gpx>")
    assert "more than can be read" in refused(b'<HealthData><Record a="' + b"x" * (6 * 1024**2))


def test_takeout_reads_its_parts_and_never_adds_devices_up() -> None:
    done, found = read(zipped(dict(exports.TAKEOUT)))
    assert done == Read(Form.TAKEOUT)
    assert found.by_device == {
        Kind.STEPS: {
            "Fitbit": {NINTH: 53, TENTH: 7},
            "Google, Phone Health Kit": {NINTH: 51},
            "Google, Fitbit Air": {NINTH: 84},
        },
        Kind.ASLEEP: {"Fitbit": {NINTH: 410}, "Google, DERIVED": {NINTH: 401}},
    }


def test_parts_that_overlap_count_once() -> None:
    folder = "Takeout/Fitbit/Global Export Data"
    _done, found = read(
        zipped({
            f"{folder}/steps-2026-03-09.json": exports.FITBIT_STEPS,
            f"{folder}/steps-2026-03-10.json": exports.FITBIT_STEPS,
            f"{folder}/sleep-2026-03-01.json": exports.FITBIT_SLEEP,
            f"{folder}/sleep-2026-03-02.json": exports.FITBIT_SLEEP,
        })
    )  # fmt: skip
    assert found.by_device[Kind.STEPS] == {"Fitbit": {NINTH: 53, TENTH: 7}}
    assert found.by_device[Kind.ASLEEP] == {"Fitbit": {NINTH: 410}}


def test_single_files_of_google_and_fitbit() -> None:
    for raw, kind, expected in (
        (exports.FITBIT_SLEEP, Kind.ASLEEP, {"Fitbit": {NINTH: 410}}),
        (exports.GOOGLE_FIT, Kind.STEPS, {"Google Fit": {date(2026, 3, 8): 4012}}),
        (exports.GOOGLE_FIT, Kind.ASLEEP, {"Google Fit": {date(2026, 3, 8): 420}}),
    ):
        done, found = read(raw)
        assert done == Read(Form.TAKEOUT)
        assert found.by_device[kind] == expected


@pytest.mark.parametrize("raw", [
    b"", b"\x00\x01\x02", b"\xff\xd8\xff\xe0" + bytes(99), "hello", "a,b", '{"a": 1}', "[1, 2]", '[{"a": 1}]',
    zipped({"photo.jpg": b"x"}), zipped({}),
])  # fmt: skip
def test_other_files_are_refused_in_words(raw: bytes | str) -> None:
    assert "cannot be read here" in refused(raw)


@pytest.mark.parametrize("raw", ["[" * 5000, '[{"dateTime": ', "[{}" + "}", b"PK\x03\x04junk"])
def test_files_that_are_cut_off_are_refused(raw: bytes | str) -> None:
    assert refused(raw)


def test_a_zip_bomb_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "DENSE_FROM", 1024**2)
    bomb = apple_xml()[:-13] + b" " * (3 * 1024**2)
    assert "more than can be read" in refused(zipped({"a/export.xml": bomb}))
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1000)
    assert "more than can be read" in refused(zipped({"export.xml": apple_xml(*NIGHT)}))


def test_a_list_of_parts_too_long_to_hold_is_refused_before_it_is_read() -> None:
    packed = bytearray(zipped({"export.xml": apple_xml()}))
    end = packed.rfind(b"PK\x05\x06")
    struct.pack_into("<L", packed, end + 12, 2**31)
    assert "more than can be read" in refused(bytes(packed))


def test_names_that_climb_and_locked_parts_do_nothing() -> None:
    climbing = zipped({"../../../etc/export.xml": apple_xml(steps(5, "2026-03-09 08:00:00 +0100"))})
    assert read(climbing)[1].by_device[Kind.STEPS] == {"iPhone": {NINTH: 5}}
    packed = bytearray(zipped({"export.xml": apple_xml()}))
    packed[packed.find(b"PK\x01\x02") + 8] |= 1
    assert "damaged" in refused(bytes(packed))
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_LZMA) as other:
        other.writestr("export.xml", apple_xml())
    assert "damaged" in refused(squeezed.getvalue())


def tabulated(text: str, columns: Columns | None = None) -> Found:
    table, tally = read_table(text.encode()), a_tally()
    tabulate(table, columns or guess(table), tally)
    return tally.found()


@pytest.mark.parametrize(("text", "steps_of_ninth", "asleep_of_ninth"), [
    ("date,steps,minutes asleep\n2026-03-09,\"8,412\",402", 8412, 402),
    ("Fecha;Pasos;Horas de sueño\n09/03/2026;8.412;6,7\n28/02/2026;1;5", 8412, 402),
    ("day\tstep_count\tsleep\n3/9/26\t8412\t6:42\n2/28/26\t10\t", 8412, 402),
    ("Date,Sleep\n2026-03-09 07:10:00,6h 42m", None, 402),
    ("\ufeffstart,total steps\n2026-03-09T00:00:00+01:00,0", 0, None),
])  # fmt: skip
def test_tables_of_any_app_are_guessed(
    text: str, steps_of_ninth: int | None, asleep_of_ninth: int | None
) -> None:
    found = tabulated(text)
    for kind, expected in ((Kind.STEPS, steps_of_ninth), (Kind.ASLEEP, asleep_of_ninth)):
        assert found.by_device[kind].get("CSV", {}).get(NINTH) == expected


def test_a_person_can_say_which_column_is_what() -> None:
    done, _found = read("when,a,b\n09/03/2026,7,5000\n10/03/2026,soon,1\nnever,1,1")
    assert done.table == Table(
        ("when", "a", "b"), (("09/03/2026", "7", "5000"), ("10/03/2026", "soon", "1"), ("never", "1", "1"))
    )
    tally = a_tally()
    tabulate(done.table, Columns(0, 2, 1, DayOrder.DMY, SleepUnit.HOURS), tally)
    found = tally.found()
    assert found.by_device == {Kind.STEPS: {"CSV": {NINTH: 5000, TENTH: 1}}, Kind.ASLEEP: {"CSV": {NINTH: 420}}}
    assert found.skipped == {Skipped.UNREADABLE: 2}


def test_a_table_that_is_endless_or_ragged() -> None:
    assert "more than can be read" in refused("day,x\n" + "2026-03-09,1\n" * 6000)
    assert "more than can be read" in refused(b"a," * (9 * 1024**2))
    done, _found = read('day,x\n2026-03-09\n2026-03-10,1,2,3\n"')
    assert done.table is not None
    assert all(len(row) == 2 for row in done.table.rows)
