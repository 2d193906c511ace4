"""A rule changed in every small way one may change it by mistake: its examples must notice each."""

from collections.abc import Iterator
from typing import Any, Final

from openkap.core.assessment.assess import in_scope
from openkap.core.assessment.evaluate import evaluate
from openkap.core.assessment.facts import Scope as Treatment
from openkap.core.assessment.person import Person
from openkap.knowledge.schema.rule import (
    AgeIs,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Audience,
    ClearanceIs,
    Compares,
    Condition,
    HasConcept,
    Not,
    Recorded,
    Repeated,
    Rule,
    RuleExample,
    Scope,
    Window,
)
from openkap.units import Drug, Route

Named = tuple[str, Any]
OTHER_OPERATORS: Final = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "=": (">=", "<="),
}  # fmt: skip
SMALL: Final = 1  # the step by which a limit is shifted: one mm[Hg], one point, one trial, one year


def judged(rule: Rule, example: RuleExample, person: Person) -> str:
    """What the rule makes of an example: met, not-met, unknown or inapplicable."""
    fits = in_scope(rule, treatment_of(rule, example), person)
    if fits is False:
        return "inapplicable"
    met = evaluate(rule.when, person).met
    if met is None or (met and fits is None):
        return "unknown"
    return "met" if met else "not-met"


def treatment_of(rule: Rule, example: RuleExample) -> Treatment:
    """What the example is considered for."""
    indication = example.indication or (rule.scope.indications or ("trd",))[0]
    return Treatment(indication, Drug(example.drug), Route(example.route), example.jurisdiction)


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule with one thing changed, and what it was."""
    for what, when in of_condition(rule.when):
        yield what, rule.model_copy(update={"when": when})
    for what, scope in of_scope(rule.scope):
        yield what, rule.model_copy(update={"scope": scope})


def of_condition(condition: Condition) -> Iterator[Named]:
    match condition:
        case HasConcept():
            yield from _of_concept(condition)
        case Compares():
            yield from _of_value(condition)
        case AgeIs():
            yield from _shifted(condition, "value")
            yield from _operators(condition)
        case Repeated():
            yield from _shifted(condition, "on_days")
            yield from _windows(condition, "within")
        case Recorded():
            yield from _windows(condition, "no_older_than")
            yield from _negated(condition)
        case ClearanceIs() | Always():
            yield from _negated(condition)
        case AllOf() | AnyOf() | AtLeast():
            yield from _of_parts(condition)
        case Not():
            yield "'not' lost", condition.of
            for what, part in of_condition(condition.of):
                yield f"not ({what})", condition.model_copy(update={"of": part})


def of_scope(scope: Scope) -> Iterator[Named]:
    """The scope without a restriction, or with it shifted."""
    for field in ("drugs", "routes", "indications", "jurisdictions", "sexes"):
        values = getattr(scope, field)
        if values:
            yield f"any of {field}", scope.model_copy(update={field: ()})
        for value in values if len(values) > 1 else ():
            kept = tuple(other for other in values if other != value)
            yield f"{field} without {value}", scope.model_copy(update={field: kept})
    yield from _ages(scope)


def _of_concept(test: HasConcept) -> Iterator[Named]:
    yield _changed(test, "status", "ever" if test.status == "active" else "active")
    yield _changed(test, "if_not_recorded", "ask" if test.if_not_recorded == "no" else "no")
    for field in ("within", "absence_holds_for", "lasts_at_most"):
        yield from _windows(test, field)
    if not test.resolved_settles:
        yield _changed(test, "resolved_settles", value=True)
    if test.if_not_recorded == "ask":
        for what, audience in _audiences(test.asked_of):
            yield f"asked of {what}", test.model_copy(update={"asked_of": audience})


def _audiences(audience: Audience) -> Iterator[Named]:
    if audience.sexes:
        yield _changed(audience, "sexes", ())
    yield from _ages(audience)


def _ages(where: Scope | Audience) -> Iterator[Named]:
    for field in ("min_age", "max_age"):
        if getattr(where, field) is not None:
            yield from _shifted(where, field)
            yield _changed(where, field, None)


def _of_value(test: Compares) -> Iterator[Named]:
    yield from _shifted(test, "value")
    yield from _operators(test)
    yield from _windows(test, "no_older_than")
    yield _changed(test, "if_not_recorded", "ask" if test.if_not_recorded == "no" else "no")
    yield _changed(test, "readings", test.readings + 1)
    if test.readings > 1:
        yield _changed(test, "readings", test.readings - 1)


def _of_parts(condition: AllOf | AnyOf | AtLeast) -> Iterator[Named]:
    if isinstance(condition, AtLeast):
        yield from _shifted(condition, "count")
    elif isinstance(condition, AllOf):
        yield "any instead of all", AnyOf(test="any", of=condition.of)
    else:
        yield "all instead of any", AllOf(test="all", of=condition.of)
    for number, part in enumerate(condition.of):
        others = condition.of[:number] + condition.of[number + 1 :]
        yield f"part {number + 1} lost", _without(condition, others)
        for what, changed in of_condition(part):
            parts = (*condition.of[:number], changed, *condition.of[number + 1 :])
            yield f"part {number + 1}: {what}", condition.model_copy(update={"of": parts})


def _without(condition: AllOf | AnyOf | AtLeast, others: tuple[Condition, ...]) -> Condition:
    if len(others) == 1 and not isinstance(condition, AtLeast):
        return others[0]
    return condition.model_copy(update={"of": others})


def _windows(where: Any, field: str) -> Iterator[Named]:
    window: Window | None = getattr(where, field)
    if window is None:
        return
    unit = "months" if window.months is not None else "days"
    for step in (-SMALL, SMALL):
        length = (getattr(window, unit) or 0) + step
        if length > 0:
            yield _changed(where, field, Window(**{unit: length}))
    required = field == "no_older_than" or isinstance(where, Repeated)
    yield _changed(where, field, Window(months=1200) if required else None)


def _shifted(where: Any, field: str) -> Iterator[Named]:
    for step in (-SMALL, SMALL):
        yield _changed(where, field, getattr(where, field) + step)


def _operators(test: Compares | AgeIs) -> Iterator[Named]:
    for operator in OTHER_OPERATORS[test.operator]:
        yield _changed(test, "operator", operator)


def _negated(condition: Condition) -> Iterator[Named]:
    yield "the contrary", Not(test="not", of=condition)


def _changed(where: Any, field: str, value: object) -> Named:
    return f"{field} {value}", where.model_copy(update={field: value})
