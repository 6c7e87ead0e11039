"""The words of decisions in a terminal."""

from pathlib import Path

import pytest

from cli.main import main


def test_a_key_s_file_is_its_owner_s_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    first = main(["keys", "person", str(path)])
    text = path.read_text()
    second = main(["keys", "person", str(path)])

    assert (0, 1, text) == (first, second, path.read_text())
    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("left_out", ["--tenant", "--person", "--key", "--reason"])
def test_what_a_decision_needs_is_asked_for(
    left_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its name; nothing is loaded before."""
    given = {"--tenant": "t", "--person": "p", "--key": "k", "--reason": "too_risky"}
    del given[left_out]
    words = [word for pair in given.items() for word in pair]
    with pytest.raises(SystemExit):
        main(["reject", "4d2ec69e", *words])

    assert left_out in capsys.readouterr().err
