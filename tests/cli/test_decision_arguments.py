"""The words of decisions in a terminal."""

import argparse
import shlex
from pathlib import Path

import pytest

from cli.decision_arguments import add_decisions
from cli.main import main
from gateway.paging import terminal_words
from policy.scope import Scope


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


def test_the_words_of_a_page_are_those_of_the_command() -> None:
    """Who is called copies them, and fills in who they are."""
    program, *words = shlex.split(terminal_words(Scope("acme", "staging"), "4d2ec69e"))
    parser = argparse.ArgumentParser()
    add_decisions(parser.add_subparsers())
    chosen = parser.parse_args(words)

    assert ("autopilot", "approve") == (program, chosen.verdict)
    assert ("4d2ec69e", "acme", "staging") == (
        chosen.card,
        chosen.tenant,
        chosen.environment,
    )
    assert (chosen.person, chosen.key) == ("YOUR_ID_IN_PEOPLE_YAML", "YOUR_KEY_FILE")
