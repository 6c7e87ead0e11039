import pytest

from runner.errors import PlaybookError
from runner.playbook import First, Found, Multiply, Playbook, Read, read_playbook


def test_each_value_has_its_form() -> None:
    """Literals and the three computed forms are told apart by their keys."""
    playbook = read_playbook(
        {
            "values": {
                "a": 1,
                "b": {"from": "task.id"},
                "c": {"first": "alerts", "where": {"status": "firing"}},
                "d": {"multiply": [{"from": "task.plan"}, 0.5], "round": "down"},
            },
            "steps": [{"read": "look", "tool": "t"}],
        }
    )

    kinds = [type(value) for value in playbook.values.values()]
    assert kinds == [int, Found, First, Multiply]
    assert isinstance(playbook.steps[0], Read)


def test_a_playbook_survives_the_wire() -> None:
    """Dumped by its own names and read again, it is equal."""
    playbook = read_playbook(
        {"steps": [{"finding": "f", "text": "x", "cites": ["a"], "then": "finish"}]}
    )

    assert Playbook.model_validate(playbook.model_dump(by_alias=True)) == playbook


@pytest.mark.parametrize(
    "content", [None, [], {"steps": []}, {"steps": [{"guess": "x"}]}, {"stops": []}]
)
def test_what_is_no_playbook_is_refused(content: object) -> None:
    """An error of ours, never pydantic's."""
    with pytest.raises(PlaybookError):
        read_playbook(content)
