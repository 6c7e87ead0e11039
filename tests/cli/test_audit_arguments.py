"""The arguments of ``autopilot audit``: what may be asked, and what is refused."""

import argparse

import pytest

from cli.audit_arguments import add_audit


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_audit(parser.add_subparsers())
    return parser.parse_args(["audit", *words])


def test_nothing_is_asked_for_by_itself() -> None:
    """A plain ``verify`` looks at the database, under the settings' own anchor."""
    chosen = parse("verify")

    assert (None, None, None, [], 0, False) == (
        chosen.from_export,
        chosen.since,
        chosen.anchors,
        chosen.key,
        chosen.lost,
        chosen.json,
    )


def test_several_keys_may_be_given() -> None:
    assert ["a", "b"] == parse("verify", "--key", "a", "--key", "b").key


@pytest.mark.parametrize(
    "words", [(), ("export", "acme"), ("prove", "7"), ("keys",), ("verify", "x")]
)
def test_what_can_not_be_done_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*words)

    assert 2 == ended.value.code
    assert "error" in capsys.readouterr().err
