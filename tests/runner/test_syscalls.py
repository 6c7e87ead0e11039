import sys

import pytest

from runner import syscalls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def test_a_call_that_fails_says_which() -> None:
    """The error bears the call's name and the kernel's number."""
    with pytest.raises(FileNotFoundError, match="umount /nowhere"):
        syscalls.unmount_lazily("/nowhere-at-all")


def test_attributes_need_a_mount() -> None:
    """An absent path is the kernel's error, not silence."""
    with pytest.raises(OSError, match="mount_setattr"):
        syscalls.set_mount_attributes("/nowhere-at-all", 1, recursive=False)
