"""How long the steps of suicide risk may take and to whom they go on: the records' values and a site's own.

A site may be stricter as it likes. What is looser than the record acts only where the medical director signed
that very value, and never beyond the record's bound; when a record becomes stricter, so does the site.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from openkap.knowledge.schema.risk_pathway import Opens, RiskPathway, Step, Steps
from openkap.knowledge.schema.risk_response import RiskResponse

ALERT: Final = "alert"  # an alert that nobody answers
AGAIN: Final = "again"  # the last of its ladder are called again
REVIEW: Final = "review"  # hour of the site's day by which unchanged answers are looked at
STANDING: Final = ("monitor", "therapist", "coordinator", "prescriber", "medical-director")  # lowest first


@dataclass(frozen=True)
class Timing:
    """`minutes` by key; `roles` by key: to whom it goes on, in order; `review_hour` on the site's clock, to 24.

    Keys: `ALERT`, `AGAIN`, 'decision:<set>' and 'step:<set>:<step>'.
    """

    minutes: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    review_hour: int | None = None


def step_key(opens: Opens, step_id: str) -> str:
    """The key of a step of a set."""
    return f"step:{opens.value}:{step_id}"


def decision_key(opens: Opens) -> str:
    """The key of the psychiatrist's decision that a set asks for."""
    return f"decision:{opens.value}"


def timing_of_records(responses: Iterable[RiskResponse], pathways: Iterable[RiskPathway]) -> Timing:
    """What the records say. Where two responses differ the stricter holds."""
    answers = sorted(responses, key=lambda one: one.answer_alert_within_minutes)
    minutes = {
        ALERT: answers[0].answer_alert_within_minutes,
        AGAIN: min(one.call_again_minutes for one in answers),
    }
    roles: dict[str, tuple[str, ...]] = {ALERT: tuple(answers[0].escalate_to)}
    for content in (one.content for one in pathways if isinstance(one.content, Steps)):
        for step in content.steps:
            key = step_key(content.opens_on, step.id)
            minutes[key] = step.within_minutes
            roles[key] = (step.escalate_to,) if step.escalate_to else ()
        if content.decision_within_minutes is not None:
            minutes[decision_key(content.opens_on)] = content.decision_within_minutes
    return Timing(minutes, roles, min(one.review_by_hour for one in answers))


def looser(own: Timing, record: Timing) -> tuple[str, ...]:
    """The keys in which a site's own values ask less than the record, in the record's order."""
    late = {key for key, minutes in own.minutes.items() if minutes > record.minutes.get(key, minutes)}
    lower = {key for key, roles in own.roles.items() if _reaches_less(roles, record.roles.get(key, ()))}
    keys = [key for key in record.minutes if key in late | lower]
    is_later = own.review_hour is not None and own.review_hour > (record.review_hour or 0)
    return tuple([*keys, REVIEW] if is_later else keys)


def out_of_bounds(own: Timing, record: Timing, factor: int) -> tuple[str, ...]:
    """The keys that no signature makes hold: unknown, no time at all, or over `factor` times the record."""
    wrong = [key for key in own.roles if key not in record.roles or set(own.roles[key]) - set(STANDING)]
    wrong += [key for key in own.roles if not own.roles[key] and record.roles.get(key)]
    for key, minutes in own.minutes.items():
        if not 1 <= minutes <= factor * record.minutes.get(key, 0):
            wrong.append(key)
    if own.review_hour is not None and not 1 <= own.review_hour <= (record.review_hour or 0):
        wrong.append(REVIEW)  # the same day is the definition itself
    return tuple(dict.fromkeys(wrong))


def in_force(own: Timing, record: Timing, *, signed: frozenset[str], factor: int) -> Timing:
    """What holds: the site's values, except looser ones that were not signed, and what is out of bounds."""
    void = set(looser(own, record)) - signed | set(out_of_bounds(own, record, factor))
    hour = None if REVIEW in void else own.review_hour
    return Timing(
        {key: own.minutes.get(key, said) if key not in void else said for key, said in record.minutes.items()},
        {key: own.roles.get(key, said) if key not in void else said for key, said in record.roles.items()},
        hour or record.review_hour,
    )


def timed(step: Step, opens: Opens, timing: Timing) -> Step:
    """The step with the minutes and the further role that hold."""
    key = step_key(opens, step.id)
    roles = timing.roles.get(key, (step.escalate_to,) if step.escalate_to else ())
    return step.model_copy(
        update={
            "within_minutes": timing.minutes.get(key, step.within_minutes),
            "escalate_to": roles[0] if roles else None,
        }
    )


def _reaches_less(own: tuple[str, ...], record: tuple[str, ...]) -> bool:
    """Whether somebody the record would reach is left out, by a role of lower standing or by none."""
    highest = [STANDING.index(role) for role in own if role in STANDING]
    return bool(record) and (len(own) < len(record) or max(highest, default=-1) < STANDING.index(record[-1]))
