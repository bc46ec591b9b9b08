"""Start a program with fewer rights than the one who typed the command has, where that one is root.

Postgres refuses to run as root, and Cassandra run by root locks all its memory. Run as a program, this drops
the rights and becomes the other program: `confine.py [--user UID] [--reach-all] -- PROGRAM ARGUMENTS...`
"""

import ctypes
import os
import pwd
import resource
import shutil
import sys
from pathlib import Path

# The user that every system has for programs which own nothing.
ORDINARY_USER = "nobody"

# From <linux/prctl.h>, <linux/securebits.h> and <linux/capability.h>.
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_IPC_LOCK = 14


def as_ordinary_user(command: list[str], *used: Path) -> list[str]:
    """The command that runs this one: as it is, or for root as the ordinary user.

    Where that user cannot reach the paths (a checkout in root's home), it may pass closed folders.
    """
    if os.geteuid() != 0:
        return command
    user = pwd.getpwnam(ORDINARY_USER)
    reach = [] if all(_reachable(path) for path in [Path(command[0]), *used]) else ["--reach-all"]
    return [sys.executable, "-I", "-S", __file__, "--user", str(user.pw_uid), *reach, "--", *command]


def without_memory_locks(command: list[str]) -> list[str]:
    """The command that runs this one unable to lock memory, which the kernel allows root without a limit."""
    if os.geteuid() != 0:
        return command
    return [sys.executable, "-I", "-S", __file__, "--", *command]


def make_folder(folder: Path) -> None:
    """A new folder that belongs to the user as whom the program will run, closed to all others."""
    folder.mkdir(mode=0o700, parents=True)
    hand_over(folder)


def hand_over(path: Path) -> None:
    """Give the file or folder to the user as whom the program will run."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(ORDINARY_USER)
        os.chown(path, user.pw_uid, user.pw_gid)


def remove_tree(folder: Path) -> None:
    """Delete the folder with all in it, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _reachable(path: Path) -> bool:
    existing = [folder for folder in path.parents if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in existing)


def main(arguments: list[str]) -> None:
    """Drop the rights, then become the program; does not return."""
    split = arguments.index("--")
    options, command = arguments[:split], arguments[split + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    linux = sys.platform == "linux"
    if "--user" in options:
        uid = int(options[options.index("--user") + 1])
        reach_all = linux and "--reach-all" in options
        if reach_all:
            libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
            # Without it access(2), which initdb asks about its companions, knows of no capability.
            libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(pwd.getpwuid(uid).pw_gid)
        os.setuid(uid)
        if reach_all:
            _keep_only(libc, CAP_DAC_OVERRIDE)
    elif linux:
        libc.prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
    os.execv(command[0], command)  # noqa: S606 - becoming another program is what this is for


def _keep_only(libc: ctypes.CDLL, capability: int) -> None:
    """Let this one right of root outlive the change of user and the start of the program."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Two words of 32 capabilities, each with what is effective, permitted and inheritable.
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
