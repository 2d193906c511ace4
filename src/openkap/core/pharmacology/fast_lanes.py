"""Eight numbers at once inside compiled functions, in the processor's widest registers.

Loops over arrays are left to chance: the compiler must prove that arrays do not overlap before it may work on
several samples at once, and mostly cannot. A value of this kind leaves no doubt, and machines with narrower
registers get it in two or four parts. numba from PyPI has no vectorised exponential; `exp` and `log` here have
no branches and err by about one unit in the last place (argument reduction by ln 2, then Taylor's series, or
that of the inverse hyperbolic tangent).
"""

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic as _numba_intrinsic
from numba.extending import lower_builtin, models, register_model

LANES = 8
Decorator = Callable[[Any], Any]
intrinsic: Decorator = _numba_intrinsic  # numba's own types describe the builder, not what it makes

_DOUBLE, _LONG = ir.DoubleType(), ir.IntType(64)
_EIGHT, _EIGHT_LONG = ir.VectorType(_DOUBLE, LANES), ir.VectorType(_LONG, LANES)
_FUSED = ("contract",)  # a product and a sum may be rounded once
_ROUND = 1.5 * 2.0**52  # adding it leaves a whole number in the lowest bits
_ONE_BITS = 1023 << 52
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
_LOWEST = -700.0  # below, the exponential counts as nothing
_EXP_TERMS, _LOG_TERMS = 14, 11


class Eight(types.Type):
    """The type of eight numbers."""

    def __init__(self) -> None:
        super().__init__(name="Eight")


eight: Any = Eight()


@register_model(Eight)
class _EightModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _EIGHT)  # type: ignore[no-untyped-call]


def _all(value: float) -> ir.Constant:
    return ir.Constant(_EIGHT, [value] * LANES)


def _spread(builder: Any, value: Any) -> Any:
    lone = builder.insert_element(ir.Constant(_EIGHT, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(lone, lone, zeros)


def _horner(builder: Any, x: Any, coefficients: list[float]) -> Any:
    total = _all(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = builder.fadd(builder.fmul(total, x, flags=_FUSED), _all(coefficient), flags=_FUSED)
    return total


def _polynomial(builder: Any, x: Any, coefficients: list[float]) -> Any:
    """Even and odd terms apart, so that the two sums run side by side."""
    square = builder.fmul(x, x)
    even, odd = _horner(builder, square, coefficients[0::2]), _horner(builder, square, coefficients[1::2])
    return builder.fadd(builder.fmul(odd, x, flags=_FUSED), even, flags=_FUSED)


_OPERATIONS: dict[Callable[[Any, Any], Any], str] = {
    operator.add: "fadd",
    operator.sub: "fsub",
    operator.mul: "fmul",
    operator.truediv: "fdiv",
}


def _teach(function: Callable[[Any, Any], Any], instruction: str) -> None:
    """Let numba apply an operator to eight numbers, or to them and one."""

    @infer_global(function)
    class _Template(AbstractTemplate):
        def generic(self, args: tuple[Any, ...], kws: Any) -> Any:
            known = len(args) == 2 and not kws and eight in args and set(args) <= {eight, types.float64}
            return signature(eight, *args) if known else None

    def lower(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
        one, other = (
            value if kind == eight else _spread(builder, value)
            for kind, value in zip(sig.args, args, strict=True)
        )
        return getattr(builder, instruction)(one, other, flags=_FUSED)

    for pair in ((eight, eight), (eight, types.float64), (types.float64, eight)):
        lower_builtin(function, *pair)(lower)


for _function, _instruction in _OPERATIONS.items():
    _teach(_function, _instruction)


def _address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    held = context.make_array(kind)(context, builder, array)
    return builder.gep(held.data, [index])


@intrinsic
def load(_typing: Any, array: Any, _index: Any) -> Any:
    """Eight neighbours of a one-dimensional contiguous array of doubles, from an index on."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        address = _address(context, builder, sig.args[0], args[0], args[1])
        return builder.load(builder.bitcast(address, _EIGHT.as_pointer()), align=8)

    return eight(array, types.intp), build


@intrinsic
def store(_typing: Any, array: Any, _index: Any, value: Any) -> Any:
    """Write eight neighbours of a one-dimensional contiguous array, from an index on, in its own precision."""
    single = array.dtype == types.float32

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        address = _address(context, builder, sig.args[0], args[0], args[1])
        kind = ir.VectorType(ir.FloatType(), LANES) if single else _EIGHT
        written = builder.fptrunc(args[2], kind) if single else args[2]
        builder.store(written, builder.bitcast(address, kind.as_pointer()), align=4 if single else 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), build


@intrinsic
def expect(_typing: Any, array: Any, _index: Any) -> Any:
    """Fetch the line of memory that will soon be written to; an index beyond the array does nothing."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        address = _address(context, builder, sig.args[0], args[0], args[1])
        pointer, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, whole, whole, whole])
        function = get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [builder.bitcast(address, pointer), whole(1), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), build


@intrinsic
def every(_typing: Any, _value: Any) -> Any:
    """The same number eight times."""
    return eight(types.float64), lambda _context, builder, _sig, args: _spread(builder, args[0])


@intrinsic
def if_less(_typing: Any, _a: Any, _b: Any, _x: Any, _y: Any) -> Any:
    """if_less(a, b, x, y): x where a < b, else y (also where either is not a number)."""

    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return eight(eight, eight, eight, eight), build


def _elementary(name: str) -> Any:
    @intrinsic
    def function(_typing: Any, _value: Any) -> Any:
        def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
            kind = ir.FunctionType(_EIGHT, [_EIGHT])
            return builder.call(get_or_insert_function(builder.module, kind, name), [args[0]])

        return eight(eight), build

    return function


root = _elementary("llvm.sqrt.v8f64")
size = _elementary("llvm.fabs.v8f64")


@intrinsic
def exp(_typing: Any, _value: Any) -> Any:
    """The exponential of numbers up to 700; nothing below -700."""

    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        low = builder.fcmp_ordered("<", args[0], _all(_LOWEST))
        x = builder.select(low, _all(_LOWEST), args[0])
        shifted = builder.fadd(builder.fmul(x, _all(1.0 / math.log(2.0))), _all(_ROUND))
        whole = builder.fsub(shifted, _all(_ROUND))
        rest = builder.fsub(x, builder.fmul(whole, _all(_LN2_HIGH)), flags=_FUSED)
        rest = builder.fsub(rest, builder.fmul(whole, _all(_LN2_LOW), flags=_FUSED), flags=_FUSED)
        value = _polynomial(builder, rest, [1.0 / math.factorial(n) for n in range(_EXP_TERMS)])
        places = ir.Constant(_EIGHT_LONG, [52] * LANES)
        power = builder.shl(builder.bitcast(shifted, _EIGHT_LONG), places)
        power = builder.add(power, ir.Constant(_EIGHT_LONG, [_ONE_BITS] * LANES))
        return builder.select(low, _all(0.0), builder.fmul(value, builder.bitcast(power, _EIGHT)))

    return eight(eight), build


@intrinsic
def log(_typing: Any, _value: Any) -> Any:
    """The natural logarithm of positive normal numbers."""

    def build(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _EIGHT_LONG)
        # Counted from the bits of the root of one half, so that the rest lies about 1.
        offset = ir.Constant(_EIGHT_LONG, [0x3FE6A09E667F3BCD] * LANES)
        power = builder.ashr(builder.sub(bits, offset), ir.Constant(_EIGHT_LONG, [52] * LANES))
        scaled = builder.sub(bits, builder.shl(power, ir.Constant(_EIGHT_LONG, [52] * LANES)))
        rest, whole = builder.bitcast(scaled, _EIGHT), builder.sitofp(power, _EIGHT)
        share = builder.fdiv(builder.fsub(rest, _all(1.0)), builder.fadd(rest, _all(1.0)))
        square = builder.fmul(share, share)
        series = _polynomial(builder, square, [2.0 / (2 * n + 1) for n in range(_LOG_TERMS)])
        value = builder.fadd(builder.fmul(whole, _all(_LN2_LOW)), builder.fmul(share, series), flags=_FUSED)
        return builder.fadd(builder.fmul(whole, _all(_LN2_HIGH), flags=_FUSED), value, flags=_FUSED)

    return eight(eight), build
