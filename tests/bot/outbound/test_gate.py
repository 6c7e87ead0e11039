"""What does not fit raises in tests; in production it is shortened, and logged once."""

import pytest
from structlog.testing import capture_logs

from bot.blocks.text import Block
from bot.outbound.gate import Gate, NotSendable
from tests.bot.outbound.payloads import actions, modal, section, texts_in

SECRET = "hush-hush " * 400
# What Slack would not take, each by its place.
CONTENTS: dict[str, Block] = {
    "blocks/0/text": {"text": "x", "blocks": [section(SECRET)]},
    "text": {"text": SECRET * 20},
    "view/blocks/0/text": {"trigger_id": "t", "view": modal(section(SECRET))},
    "unfurls/0/blocks/0/text": {
        "unfurls": {"https://a.test/?secret": {"blocks": [section(SECRET)]}}
    },
    "chunks/0/blocks/0/text": {
        "chunks": [{"type": "blocks", "blocks": [section(SECRET)]}]
    },
}


@pytest.mark.parametrize("place", CONTENTS)
def test_a_strict_gate_raises(place: str) -> None:
    """With the call and the place, and what to do."""
    found = f"chat.postMessage: {place}: .* have the renderer say less"
    with pytest.raises(NotSendable, match=found):
        Gate(strict=True).passed("chat.postMessage", CONTENTS[place])


@pytest.mark.parametrize("place", CONTENTS)
def test_production_shortens_and_says_so_once(place: str) -> None:
    """Where and by how much, and nothing of what was said."""
    with capture_logs() as logs:
        passed = Gate(strict=False).passed("chat.postMessage", CONTENTS[place])

    assert any(
        one.endswith("more)") for one in [*texts_in(passed), *texts_in([passed])]
    )
    assert [("outbound.shortened", "warning", "chat.postMessage")] == [
        (one["event"], one["log_level"], one["call"]) for one in logs
    ]
    assert [place] == [one.partition(": ")[0] for one in logs[0]["faults"]]
    assert "hush" not in str(logs)
    assert "secret" not in str(logs)


def test_what_fits_passes_without_a_word() -> None:
    """A strict gate changes nothing and raises nothing."""
    content = {"channel": "C1", "text": "x", "blocks": [section("x"), actions()]}
    with capture_logs() as logs:
        passed = Gate(strict=True).passed("chat.postMessage", content)

    assert content == passed
    assert [] == logs


@pytest.mark.parametrize(
    "content",
    [
        {"blocks": [actions(label="a" * 80)]},
        {"blocks": [{"type": "section", "secret": 1}]},
        {"blocks": [{"type": "canvas", "secret": 1}]},
        {"blocks": '[{"type": "section", "text": "secret"}]'},
        {"view": '{"type": "modal", "title": "secret"}'},
    ],
)
def test_what_can_t_be_shortened_goes_as_it_is(content: Block) -> None:
    """An error is logged: Slack will refuse it, and whoever reads can't tell why."""
    with capture_logs() as logs:
        passed = Gate(strict=False).passed("views.open", content)

    assert content == passed
    assert [("outbound.does_not_fit", "error")] == [
        (one["event"], one["log_level"]) for one in logs
    ]
    assert "secret" not in str(logs)
    with pytest.raises(NotSendable):
        Gate(strict=True).passed("views.open", content)


def test_an_answer_that_is_awaited_is_fitted_alone() -> None:
    """The models, which mend nothing, look at it in tests."""
    lacking = {"blocks": [{"type": "section"}, section(SECRET)]}
    with capture_logs() as logs:
        Gate(strict=False).passed("answer", lacking, is_awaited=True)

    assert ["outbound.shortened"] == [one["event"] for one in logs]
    with pytest.raises(NotSendable, match="SectionBlock"):
        Gate(strict=True).passed("answer", lacking, is_awaited=True)


def test_of_many_faults_some_are_told() -> None:
    """One line however many there are; the others are counted."""
    blocks = [section(SECRET + str(at)) for at in range(4)] + [actions(label="a" * 80)]
    with capture_logs() as logs:
        Gate(strict=False).passed("chat.update", {"blocks": blocks * 2})

    assert 1 == len(logs)
    assert (5, True) == (len(logs[0]["faults"]), logs[0]["more"] > 5)
