"""FarmHash Fingerprint64, so that `tf.strings.to_hash_bucket_fast` gives the same buckets.

A hashed feature must have one index here, where tables are encoded, and in an exported model,
which has TensorFlow's operations only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_MASK = (1 << 64) - 1
_BLOCK = 64


def hash_buckets(texts: Iterable[str], buckets: int) -> Array:
    """The bucket, 0..buckets-1, of each text."""
    return np.array([fingerprint(text.encode()) % buckets for text in texts], np.int64)


def fingerprint(data: bytes) -> int:
    """The 64-bit fingerprint of some bytes."""
    size = len(data)
    if size <= 16:
        return _short(data, size)
    if size <= 32:
        return _middle(data, size)
    if size <= _BLOCK:
        return _long(data, size)
    return _blocks(data, size)


def _word(data: bytes, start: int, size: int = 8) -> int:
    return int.from_bytes(data[start : start + size], "little")


def _rotate(value: int, shift: int) -> int:
    value &= _MASK
    return (value >> shift | value << (64 - shift)) & _MASK


def _mix(value: int) -> int:
    value &= _MASK
    return value ^ (value >> 47)


def _join(first: int, second: int, factor: int) -> int:
    first, second = first & _MASK, second & _MASK
    mixed = _mix((first ^ second) * factor)
    return _mix((second ^ mixed) * factor) * factor & _MASK


def _short(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    if size >= 8:
        first, last = _word(data, 0) + _K2, _word(data, size - 8)
        return _join(
            _rotate(last, 37) * factor + first, (_rotate(first, 25) + last) * factor, factor
        )
    if size >= 4:
        return _join(size + (_word(data, 0, 4) << 3), _word(data, size - 4, 4), factor)
    if size > 0:
        low = data[0] + (data[size >> 1] << 8)
        high = size + (data[size - 1] << 2)
        return _mix((low * _K2 ^ high * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _middle(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    a, b = _word(data, 0) * _K1, _word(data, 8)
    c, d = _word(data, size - 8) * factor, _word(data, size - 16) * _K2
    return _join(_rotate(a + b, 43) + _rotate(c, 30) + d, a + _rotate(b + _K2, 18) + c, factor)


def _long(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    a, b = _word(data, 0) * _K2, _word(data, 8)
    c, d = _word(data, size - 8) * factor, _word(data, size - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _join(y, a + _rotate(b + _K2, 18) + c, factor)
    e, f = _word(data, 16) * factor, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * factor, (z + _word(data, size - 24)) * factor
    return _join(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, factor)


def _blocks(data: bytes, size: int) -> int:
    """More than 64 bytes: block by block, and once more over the last 64 bytes."""
    y = 81 * _K1 + 113
    x, z = 81 * _K2 + _word(data, 0), _mix(y * _K2 + 113) * _K2
    v, w = (0, 0), (0, 0)
    end = (size - 1) // _BLOCK * _BLOCK
    for start in range(0, end, _BLOCK):
        x, y, z, v, w = _round(data, start, (x, y, z), v, w, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + ((size - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _round(data, size - _BLOCK, (x, y, z), v, w, factor, 9)
    first = _join(v[0], w[0], factor) + _mix(y) * _K0 + z
    return _join(first, _join(v[1], w[1], factor) + x, factor)


def _round(
    data: bytes,
    start: int,
    state: tuple[int, int, int],
    v: tuple[int, int],
    w: tuple[int, int],
    factor: int,
    times: int,
) -> tuple[int, int, int, tuple[int, int], tuple[int, int]]:
    x, y, z = state
    x = _rotate(x + y + v[0] + _word(data, start + 8), 37) * factor
    y = _rotate(y + v[1] + _word(data, start + 48), 42) * factor
    x ^= w[1] * times
    y += v[0] * times + _word(data, start + 40)
    z = _rotate(z + w[0], 33) * factor
    v = _weak(data, start, v[1] * factor, x + w[0])
    w = _weak(data, start + 32, z + w[1], y + _word(data, start + 16))
    return z & _MASK, y & _MASK, x & _MASK, v, w


def _weak(data: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    first, second, third, fourth = (_word(data, start + n) for n in (0, 8, 16, 24))
    a += first
    b = _rotate(b + a + fourth, 21)
    total = a + second + third
    return (total + fourth) & _MASK, (b + _rotate(total, 44) + a) & _MASK
