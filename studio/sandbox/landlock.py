"""Landlock, by its three system calls: which files this process may touch from now on.

Only the standard library: this runs in the interpreter of the sandbox. A right that an older
kernel does not know is left out; `abi()` tells what is there.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1, 2, 4, 8
_REMOVE_FOLDER, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_CHARACTER, _MAKE_FOLDER, _MAKE_FILE, _MAKE_SOCKET = 1 << 6, 1 << 7, 1 << 8, 1 << 9
_MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYMLINK = 1 << 10, 1 << 11, 1 << 12
_REFER, _TRUNCATE, _DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CONTROL

READ = _EXECUTE | _READ_FILE | _READ_FOLDER
DEVICES = READ | _WRITE_FILE | _DEVICE_CONTROL
# No symbolic link, FIFO, socket or device can be made where outputs are.
WRITE = (
    READ | _WRITE_FILE | _REMOVE_FOLDER | _REMOVE_FILE
    | _MAKE_FOLDER | _MAKE_FILE | _REFER | _TRUNCATE
)  # fmt: skip
SCRATCH = WRITE | _MAKE_SYMLINK | _MAKE_FIFO | _MAKE_SOCKET

_TCP = 3
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
SCOPES_SIGNALS_FROM = 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def abi() -> int:
    """The version that the kernel speaks; 0: none."""
    try:
        return _call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except OSError:
        return 0


def restrict(rules: Iterable[tuple[str, int]], *, tcp: bool) -> None:
    """Allow what the rules allow and no more, for good; paths that are not there are left out.

    rules: a path and what may be done below it. tcp: whether TCP may be used. Raises OSError.
    """
    version = abi()
    if version == 0:
        raise OSError(38, "this kernel has no Landlock")
    handled = _known_rights(version)
    net = _TCP if version >= 4 and not tcp else 0
    scoped = _ABSTRACT_SOCKETS | _SIGNALS if version >= SCOPES_SIGNALS_FROM else 0
    attributes = _Ruleset(handled, net, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(_CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path, rights in rules:
        _allow(ruleset, path, rights & handled)
    if ctypes.CDLL(None).prctl(38, 1, 0, 0, 0):
        raise OSError(1, "no_new_privs refused")
    _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)


def _known_rights(version: int) -> int:
    rights = (1 << 13) - 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _DEVICE_CONTROL)):
        rights |= right if version >= since else 0
    return rights


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        rule = _PathBeneath(rights, descriptor)
        none = ctypes.c_uint32(0)
        _call(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), none)
    finally:
        os.close(descriptor)
