"""Runs a program under a filter like that of a container: `container.py PROGRAM ARGUMENT...`.

As the default profiles of Docker and containerd do, it refuses new namespaces and mounts, and lets
Landlock and further filters through.
"""

from __future__ import annotations

import errno
import os
import platform
import sys

from studio.sandbox import seccomp

_REFUSED = ("unshare", "setns", "mount", "umount2", "pivot_root", "fsopen", "fsmount", "move_mount")


def container_filter() -> bytes:
    column, arch = seccomp._MACHINES[platform.machine()]
    program = seccomp._Filter()
    program.load(seccomp._ARCH)
    program.give_if(seccomp._JUMP_EQUAL, arch, seccomp._KILL, unless=True)
    program.load(seccomp._NUMBER)
    for name in _REFUSED:
        number = seccomp._REFUSED[name][column]
        assert number is not None
        program.give_if(seccomp._JUMP_EQUAL, number, seccomp._ERRNO | errno.EPERM)
    program.give_if(seccomp._JUMP_EQUAL, seccomp._CLONE3[column], seccomp._ERRNO | errno.ENOSYS)
    clone = seccomp._refuse_bits(0, seccomp._NEW_NAMESPACES)
    program.if_number(seccomp._CLONE[column], clone)
    program.give(seccomp._ALLOW)
    return program.assemble()


if __name__ == "__main__":
    seccomp.load_filter(container_filter())
    os.execvp(sys.argv[1], sys.argv[1:])
