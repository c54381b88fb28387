"""A seccomp filter, built by hand: the system calls that no component needs are refused.

What is refused gives an error and does not kill, so that libraries which only try go on. The
numbers are those of the kernel's tables for x86-64 and for arm64. Only the standard library: this
runs in the interpreter of the sandbox.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_X32_BIT = 0x40000000
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

# name -> (x86-64, arm64); None: there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # keys, and parts of the kernel that were ways in before
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
    "memfd_secret": (447, 447),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "uselib": (134, None),
    "nfsservctl": (180, 42),
    # the machine
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
_CLONE, _CLONE3, _SOCKET, _IOCTL = (56, 220), (435, 435), (41, 198), (16, 29)
_SIGNALS = ((62, 129), (200, 130), (234, 131), (129, 138), (297, 240), (424, 424))
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


class _Filter:
    """Instructions, appended; a check that fails falls through to the next one."""

    def __init__(self) -> None:
        self._code: list[bytes] = []

    def load(self, offset: int) -> None:
        self._add(_LOAD, offset)

    def give(self, action: int) -> None:
        self._add(_RETURN, action)

    def give_if(self, jump: int, value: int, action: int, *, unless: bool = False) -> None:
        """Return `action` when the loaded word passes the test, or when it does not."""
        self._add(jump, value, *((1, 0) if unless else (0, 1)))
        self.give(action)

    def if_number(self, number: int, body: _Filter) -> None:
        """Run `body`, which must return, for one system call; it may load other words."""
        self._add(_JUMP_EQUAL, number, 0, len(body._code))
        self._code += body._code

    def _add(self, code: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        self._code.append(struct.pack("<HBBI", code, if_true, if_false, value))

    def assemble(self) -> bytes:
        return b"".join(self._code)


def build_filter(families: Iterable[int], own_pid: int | None = None) -> bytes:
    """The filter as BPF instructions. families: address families that `socket` may be asked for.

    own_pid: signals are allowed to this process only; None: to all that it can see.
    Raises OSError on a machine whose system calls are not known here.
    """
    machine = os.uname().machine
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no seccomp filter for {machine}")
    column, arch = _MACHINES[machine]
    program = _Filter()
    program.load(_ARCH)
    program.give_if(_JUMP_EQUAL, arch, _KILL, unless=True)
    program.load(_NUMBER)
    if column == 0:
        program.give_if(_JUMP_AT_LEAST, _X32_BIT, _ERRNO | errno.ENOSYS)
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            program.give_if(_JUMP_EQUAL, number, _ERRNO | errno.EPERM)
    # The flags of clone3 lie in memory, where a filter cannot look; libraries fall back to clone.
    program.give_if(_JUMP_EQUAL, _CLONE3[column], _ERRNO | errno.ENOSYS)
    program.if_number(_CLONE[column], _refuse_bits(0, _NEW_NAMESPACES))
    program.if_number(_SOCKET[column], _only(0, families, errno.EAFNOSUPPORT))
    program.if_number(_IOCTL[column], _refuse_values(1, (_TIOCSTI, _TIOCLINUX)))
    for pair in _SIGNALS if own_pid is not None else ():
        program.if_number(pair[column], _only(0, (own_pid or 0,), errno.EPERM))
    program.give(_ALLOW)
    return program.assemble()


def _refuse_bits(argument: int, bits: int) -> _Filter:
    body = _Filter()
    body.load(_ARGUMENT + 8 * argument)
    body.give_if(_JUMP_ANY_BIT, bits, _ERRNO | errno.EPERM)
    body.give(_ALLOW)
    return body


def _refuse_values(argument: int, values: Iterable[int]) -> _Filter:
    body = _Filter()
    body.load(_ARGUMENT + 8 * argument)
    for value in values:
        body.give_if(_JUMP_EQUAL, value, _ERRNO | errno.EPERM)
    body.give(_ALLOW)
    return body


def _only(argument: int, values: Iterable[int], error: int) -> _Filter:
    body = _Filter()
    body.load(_ARGUMENT + 8 * argument)
    for value in values:
        body.give_if(_JUMP_EQUAL, value, _ALLOW)
    body.give(_ERRNO | error)
    return body


def families_for(network: str, *, unix: bool) -> tuple[int, ...]:
    """The families of sockets for a `Network`; unix: the file system is the sandbox's own."""
    local = (_UNIX,) if unix else ()
    return local if network == "off" else (*local, _INET, _INET6, _NETLINK)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def load_filter(code: bytes) -> None:
    """From now on, for this process and all that it starts. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp filter refused")
