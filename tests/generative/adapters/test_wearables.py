"""Any bytes are read or refused in words; whatever is kept lies within a day and within the window."""

import io
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.wearables import exports

from openkap.adapters.wearables import guess, read_export, tabulate
from openkap.core.lifestyle import Found, Kind, Tally, Window, choose
from openkap.core.lifestyle.daily import MINUTES_OF_A_DAY, MOST_STEPS
from openkap.errors import BadInput

WINDOW = Window.back_from(date(2026, 3, 10), 60)
NIGHT = exports.sleep("AsleepCore", "2026-03-08 23:00:00 +0100", "2026-03-09 03:00:00 +0100")
SAMPLES = [
    exports.apple_xml(exports.steps(4, "2026-03-09 08:00:00 +0100"), NIGHT),
    exports.zipped({"export.xml": exports.apple_xml(NIGHT)}),
    exports.zipped(dict(exports.TAKEOUT)),
    exports.FITBIT_STEPS.encode(),
    exports.FITBIT_SLEEP.encode(),
    exports.GOOGLE_FIT.encode(),
    exports.USER_SLEEPS.encode(),
    b"day,steps,asleep\n2026-03-09,8412,402\n2026-03-10,1,2\n",
]
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), max_size=4)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file of a known kind with some bytes taken out and others put in."""
    raw = draw(st.sampled_from(SAMPLES))
    for share, out, put in draw(EDITS):
        place = int(share * len(raw))
        raw = raw[:place] + put + raw[place + out :]
    return raw


@given(st.one_of(damaged(), st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    tally = Tally(WINDOW, ZoneInfo("Europe/Madrid"))
    try:
        done = read_export(io.BytesIO(raw), tally)
    except BadInput:
        return
    if done.table is not None:
        tabulate(done.table, guess(done.table), tally)
    check(tally.found())


AMOUNTS = st.integers(-10, 2 * MOST_STEPS)
DAYS = st.dates(date(2025, 12, 1), date(2026, 4, 1))
DEVICES = st.sampled_from(["Phone", "Watch", "Ring"])


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), DEVICES, DAYS, AMOUNTS), max_size=30))
def test_what_is_counted_does_not_depend_on_its_order(
    counted: list[tuple[Kind, str, date, int]],
) -> None:
    def found(given: list[tuple[Kind, str, date, int]]) -> Found:
        tally = Tally(WINDOW, ZoneInfo("UTC"))
        for kind, device, day, amount in given:
            tally.add(kind, device, day, amount)
        return tally.found()

    assert found(counted) == found(counted[::-1])
    check(found(counted))


def check(found: Found) -> None:
    """What holds for any file."""
    chosen = choose(found)
    assert len({(one.kind, one.day) for one in chosen}) == len(chosen)
    for one in chosen:
        most = MOST_STEPS if one.kind is Kind.STEPS else MINUTES_OF_A_DAY
        assert WINDOW.first <= one.day <= WINDOW.last
        assert 0 <= one.amount <= most
        held = [days[one.day] for days in found.by_device[one.kind].values() if one.day in days]
        assert one.amount in held
        assert found.by_device[one.kind][one.device][one.day] == one.amount
    assert all(amount > 0 for amount in found.skipped.values())
