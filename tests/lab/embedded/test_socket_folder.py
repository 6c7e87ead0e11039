from pathlib import Path

from lab.embedded.socket_folder import private_text, socket_folder


def test_a_long_path_moves_and_is_remembered(tmp_path: Path) -> None:
    """The second look finds the first choice."""
    folder = tmp_path / ("x" * 90)
    folder.mkdir()
    first = socket_folder(folder, "s")

    assert first == socket_folder(folder, "s")
    assert 0o700 == first.stat().st_mode & 0o777
    assert folder not in first.parents
    first.rmdir()


def test_secrets_are_private_from_the_first_byte(tmp_path: Path) -> None:
    """Even over an older, open file."""
    path = tmp_path / "secret"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    private_text(path, "new")

    assert ("new", 0o600) == (path.read_text(), path.stat().st_mode & 0o777)
