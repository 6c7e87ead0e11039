"""The arguments of ``autopilot webhooks``: what they mean, and what excludes what."""

import argparse

import pytest

from cli.webhook_arguments import add_webhooks

ADD = ("add", "acme", "--source", "sentry")


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_webhooks(parser.add_subparsers(), slug=str.lower)
    return parser.parse_args(["webhooks", *arguments])


def test_an_endpoint_has_a_token_unless_told() -> None:
    chosen = parse(*ADD, "--slug", "A")

    assert ("acme", "prod", "sentry", "a") == (
        chosen.tenant,
        chosen.environment,
        chosen.source,
        chosen.slug,
    )
    assert (False, None) == (chosen.secret_from_stdin, chosen.topic)


def test_topics_may_be_several() -> None:
    assert ["a", "b"] == parse(*ADD, "--topic", "a", "--topic", "b").topic


@pytest.mark.parametrize(
    "arguments",
    [
        (*ADD, "--new-token", "--secret-from-stdin"),
        (*ADD, "--topic", "a", "--secret-from-stdin"),
        ("rotate", "a", "--new-token", "--topic", "a"),
        ("add", "acme"),
        ("remove",),
        (),
    ],
    ids=" ".join,
)
def test_one_proof_and_one_endpoint(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Anything else is wrong usage."""
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)

    assert (2, True) == (caught.value.code, "usage:" in capfd.readouterr().err)


@pytest.mark.parametrize("word", ["add", "list", "rotate", "remove", "test"])
def test_each_word_has_a_command(word: str) -> None:
    rest = {"add": ["acme", "--source", "x"], "list": []}.get(word, ["acme"])

    assert callable(parse(word, *rest).command)
