"""docs/reference/states.md is what the code allows."""

from tools import states_page

from openkap.apps.consent.states import MOVES


def test_the_page_is_current() -> None:
    """Make it anew with `python -m tools.states_page`."""
    assert states_page.PAGE.read_text(encoding="utf-8") == states_page.page()


def test_every_table_of_moves_is_drawn_with_all_its_moves() -> None:
    drawn = dict(states_page.machines())
    assert {"Task", "Visit", "Plan", "Consent"} <= set(drawn)
    edges = states_page.edges_of(MOVES)
    assert sum(len(verbs) for verbs in edges.values()) == len(MOVES)


def test_answers_never_lower_the_level_and_every_hold_has_a_way_out() -> None:
    order = ["not-assessed", "none", "low", "moderate", "high"]
    for (before, after), words in states_page.risk_edges().items():
        assert "answers" not in words or order.index(after) > order.index(before)
    holds = states_page.hold_edges()
    assert ("high-risk", "no hold") in holds
    assert ("decision-open", "no hold") in holds
    assert holds["no hold", "decision-open"] == ["high risk or acute answers"]
