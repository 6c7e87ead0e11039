from pathlib import Path

import pytest

from lab.embedded.folder_lock import FolderInUse, FolderLock


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    """The second is refused until the first lets go."""
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()

    with pytest.raises(FolderInUse):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
