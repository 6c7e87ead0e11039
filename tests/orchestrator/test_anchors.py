"""The file where checkpoints hang: appended, synced, and whole after a crash."""

from pathlib import Path

import pytest

from audit.export import BadLine, Note, render_line
from orchestrator.anchors import FileAnchor

LINE = render_line(Note("first")).encode()


def test_what_was_hung_up_is_read_back(tmp_path: Path) -> None:
    """In order, over several appends; nobody else may read or write the file."""
    path = tmp_path / "anchors.jsonl"
    FileAnchor(path).append(["first", "second"])
    FileAnchor(path).append(["third"])

    assert ["first", "second", "third"] == FileAnchor(path).read()
    assert 0 == path.stat().st_mode & 0o007


def test_without_a_file_nothing_hangs_there(tmp_path: Path) -> None:
    assert [] == FileAnchor(tmp_path / "anchors.jsonl").read()


@pytest.mark.parametrize("cut", range(1, len(LINE)))
def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path, cut: int) -> None:
    """Killed while it wrote, wherever: the next one begins a line of its own."""
    path = tmp_path / "anchors.jsonl"
    path.write_bytes(LINE + LINE[:cut])
    FileAnchor(path).append(["first", "second"])

    found = FileAnchor(path).read()

    assert ["first", "second"] == list(dict.fromkeys(found))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileAnchor(tmp_path / "nowhere" / "anchors.jsonl").append(["first"])


def test_what_somebody_else_wrote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    path.write_bytes(b"hello\n" + LINE)

    with pytest.raises(BadLine):
        FileAnchor(path).read()
