"""Every act the audit trail records has words of its own; nobody reads its code."""

import re
from pathlib import Path

import pytest

from openkap.apps.audit import actions
from openkap.apps.planning.states import VISIT_MOVES
from openkap.apps.tasks.states import TASK_MOVES

APPS = Path(actions.__file__).parents[1]
LITERAL = re.compile(r'action="([a-z_]+\.[a-z-]+)"')
CLOSED_BY = {"complete", "cancel", "miss"}  # of a visit; what else may become of one is named where it is done


def written() -> set[str]:
    """The codes that stand in the code, and those made of a verb of a table."""
    named = {code for file in APPS.rglob("*.py") for code in LITERAL.findall(file.read_text())}
    tasks = {f"tasks.{verb}" for _state, verb in TASK_MOVES}
    visits = {f"planning.{verb}-visit" for _state, verb in VISIT_MOVES if verb in CLOSED_BY}
    return named | tasks | visits


@pytest.mark.parametrize("code", sorted(written()))
def test_an_act_has_words(code: str) -> None:
    assert ":" not in str(actions.in_words(code)).split(" ", 1)[0]
