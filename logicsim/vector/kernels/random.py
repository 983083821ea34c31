"""The numbers of `logicsim.core.noise` in kernels: the same bits for a seed, step and place.

A comparator needs to know only whether a deviate is above a threshold. The deviate grows with the
uniform number it is made from, so the number's leading bits bound it, and nearly all decisions
follow from a table of bounds. The others take the deviate itself, from SciPy's own function.
"""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import get_cython_function_address, intrinsic
from numpy.typing import NDArray
from scipy.special import ndtri

from logicsim.core.jit import inlined, inner

Floats = NDArray[np.float64]

# Passed to kernels as a number: machine code with an address in it could not be kept on disk.
NDTRI: Final[int] = get_cython_function_address("scipy.special.cython_special", "ndtri")

_LEADING: Final = 10  # bits
SHIFT: Final = 32 - _LEADING
_WIDER: Final = 1e-9  # far above the rounding of a deviate

_M0: Final = np.uint64(0xD2E7470EE14C6C93)
_M1: Final = np.uint64(0xCA5A826395121157)
_W0: Final = np.uint64(0x9E3779B97F4A7C15)
_W1: Final = np.uint64(0xBB67AE8584CAA73B)
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_SCALE: Final = 2.0**-32


def bounds() -> tuple[Floats, Floats]:
    """The least and the greatest normal deviate for each value of a number's leading bits."""
    first = np.arange(1 << _LEADING) * float(1 << SHIFT)
    least = ndtri((first + 0.5) * _SCALE) - _WIDER
    greatest = ndtri((first + (1 << SHIFT) - 0.5) * _SCALE) + _WIDER
    return least, greatest


def _high_word(context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001  numba's signature
    """The high word of a product of two words."""

    def generate(_: Any, builder: Any, __: Any, words: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(words[0], wide), builder.zext(words[1], wide))
        high = builder.lshr(product, ir.Constant(wide, 64))
        return builder.trunc(high, ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


_high: Any = intrinsic(_high_word)


def _call_at(context: Any, address: Any, number: Any) -> Any:  # noqa: ARG001  likewise
    """Call a function of one number at an address."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        function = ir.FunctionType(double, [double]).as_pointer()
        return builder.call(builder.inttoptr(arguments[0], function), [arguments[1]])

    return types.float64(types.int64, types.float64), generate


_call: Any = intrinsic(_call_at)


@inlined
def philox(
    counter: np.uint64, index: np.uint64, step: np.uint64, seed: np.uint64, purpose: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """A block of Philox4x64-10 (Salmon et al., SC 2011): the words of `Stream` there."""
    a, b, c, d = counter, index, step, np.uint64(0)
    k, m = seed, purpose
    for _ in range(10):
        a, b, c, d = _high(c, _M1) ^ b ^ k, c * _M1, _high(a, _M0) ^ d ^ m, a * _M0
        k += _W0
        m += _W1
    return a, b, c, d


@inner
def uniform(index: np.uint64, step: int, seed: np.uint64, purpose: int) -> float:
    """The first number in (0, 1) of `Stream(seed, purpose).uniforms(1, step, index)`."""
    word, _, _, _ = philox(np.uint64(1), index, np.uint64(step), seed, np.uint64(purpose))
    return ((word & _LOW) + 0.5) * _SCALE


@inner
def fill(
    halves: NDArray[np.uint32], lane: int, index: np.uint64, step: np.uint64, seed: np.uint64,
    purpose: np.uint64,
) -> None:  # fmt: skip
    """Fill a lane of (count, lanes) with the 32-bit numbers behind `Stream.uniforms`."""
    for block in range(len(halves) // 8):
        words = philox(np.uint64(block + 1), index, step, seed, purpose)
        for place in range(4):
            halves[8 * block + 2 * place, lane] = np.uint32(words[place] & _LOW)
            halves[8 * block + 2 * place + 1, lane] = np.uint32(words[place] >> _HALF)


@inlined
def deviate(half: np.uint32, address: int) -> float:
    """The standard normal deviate of a 32-bit number."""
    return _call(address, (half + 0.5) * _SCALE)  # type: ignore[no-any-return]
