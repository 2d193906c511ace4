"""The decision aid shows only what may be shown, to whomever."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.assessment.options import Circumstances, Fit, aid_for, fitted
from openkap.knowledge import SignOff, State
from openkap.knowledge.schema.evidence import Setting

DAY = date(2026, 11, 21)
PLAIN = knowledge.load(DAY)
circumstances = st.builds(
    Circumstances,
    indication=st.sampled_from(["trd", "mdd", "mdd-si", "gad", "panic", "agoraphobia", "sad", "ptsd"]),
    failed_trials=st.none() | st.integers(0, 8),
    or_more=st.booleans(),
    setting=st.sampled_from([Setting.OUTPATIENT, Setting.INPATIENT]),
    age=st.none() | st.integers(18, 95),
    drug=st.sampled_from([None, "ketamine", "esketamine"]),
)
decisions = st.dictionaries(st.sampled_from(sorted(PLAIN.evidence)), st.booleans(), max_size=12)


@settings(max_examples=80, deadline=None)
@given(circumstances, decisions)
def test_what_leads_fits_and_may_act(who: Circumstances, decided: dict[str, bool]) -> None:
    known = knowledge.load(DAY, [SignOff(name, 1, adopted, DAY) for name, adopted in decided.items()])
    aid = aid_for(who, known)
    for one in aid.options:
        for part in (one.response, one.remission):
            assert part is None or (part.fit is not Fit.NO and known.state(part.figure.id) is State.ACTIVE)
    for comparison in aid.comparisons:
        for arm in comparison.arms:
            assert known.state(arm.figure.id) is State.ACTIVE


@settings(max_examples=150, deadline=None)
@given(circumstances, st.integers(0, 8))
def test_knowing_more_never_turns_a_misfit_into_a_fit(who: Circumstances, failed: int) -> None:
    """What is settled with less known stays settled when the number of failures turns out."""
    if who.failed_trials is None:
        return
    for figure in PLAIN.evidence.values():
        loose = fitted(figure, Circumstances(who.indication, failed, True, who.setting, who.age))
        for exact in (failed, failed + 1, failed + 3):
            tight = fitted(figure, Circumstances(who.indication, exact, False, who.setting, who.age))
            if loose.fit is not Fit.UNKNOWN:
                assert tight.fit is loose.fit
