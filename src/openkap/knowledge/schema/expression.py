"""Arithmetic in records: `CL / V1`, `(1 - FM) * CL * (WT / 70) ** 0.75`.

Rates, fractions and scales are written once, as the field writes them, and read by the solver, the exporters
and the documentation alike. Only names, numbers, `+ - * / **`, parentheses and the functions below are known;
anything else is refused when the record is read.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_BINARY: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_LONGEST: Final = 400
_DEEPEST: Final = 40


@dataclass(frozen=True)
class Expression:
    """A parsed formula. Equal when its text is. Raises `ValueError` on anything it does not know."""

    text: str

    def __post_init__(self) -> None:
        self._tree  # noqa: B018  parse now, so that a bad record fails when it is read

    @cached_property
    def _tree(self) -> ast.expr:
        if len(self.text) > _LONGEST:
            raise ValueError(f"a formula has at most {_LONGEST} characters")
        try:
            tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"'{self.text}' is not a formula") from error
        _check(tree, self.text, _DEEPEST)
        return tree

    @cached_property
    def names(self) -> frozenset[str]:
        """The parameters and covariates it needs."""
        return frozenset(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value; numbers and NumPy arrays may be mixed. Raises `KeyError` naming what is missing."""
        return _value(self._tree, values)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        read = core_schema.no_info_plain_validator_function(_read)
        return core_schema.no_info_plain_validator_function(
            _read,
            serialization=core_schema.plain_serializer_function_ser_schema(str),
            json_schema_input_schema=read,
        )

    def __str__(self) -> str:
        return self.text


def _read(value: object) -> Expression:
    if isinstance(value, Expression):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a formula is text or a number")  # noqa: TRY004  what pydantic reports as a fault
    return Expression(str(value))


def _check(node: ast.expr, text: str, depth: int) -> None:
    if depth == 0:
        raise ValueError(f"'{text}' is nested too deeply")
    match node:
        case ast.Name():
            return
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool) and math.isfinite(
            number
        ):
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text, depth - 1)
            _check(right, text, depth - 1)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _check(operand, text, depth - 1)
        case _:
            raise ValueError(f"'{text}' holds something other than names, numbers and + - * / **")


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]  # only numbers pass _check
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_value(operand, values))
        case _:
            raise AssertionError(f"{ast.dump(node)} passed the check")
