"""Content: a burst, and what each friction makes of it."""

import random

import pytest

from lab.platform.content import FRICTIONS, Content, Friction, usual_contents

NOW = 1_800_000_000.0


def piled_on(factor: float = 1.0, seconds: int = 20) -> Content:
    content, dice = usual_contents(NOW)[0], random.Random(1)  # noqa: S311
    for _ in range(seconds):
        content.advance(1, dice, piled_on=True, factor=factor)
    return content


@pytest.mark.parametrize(
    ("kind", "at_most"), [("slow_mode", 260), ("confirm", 900), ("followers_only", 140)]
)
def test_a_friction_calms_a_dogpile(kind: str, at_most: int) -> None:
    """Each by its own factor."""
    assert piled_on().replies_per_hour > 2200
    assert piled_on(FRICTIONS[kind]).replies_per_hour < at_most


def test_what_is_removed_falls_silent() -> None:
    """Nobody replies to what nobody sees; restored, it lives again."""
    content, dice = piled_on(), random.Random(2)  # noqa: S311
    content.remove("spam")
    for _ in range(30):
        content.advance(1, dice, piled_on=True, factor=1.0)
    silent = content.rendered()
    content.restore()

    assert ("removed", "spam", 0) == (
        silent["status"],
        silent["removed_reason"],
        silent["replies_last_hour"],
    )
    assert ("visible", 3) == (content.status, content.version)


def test_a_friction_runs_out_by_itself() -> None:
    """It reads as none from its instant on, and its version stays."""
    friction = Friction("content:c")
    friction.set("slow_mode", NOW + 10)

    assert ("slow_mode", None) == (friction.at(NOW + 9), friction.at(NOW + 10))
    assert 2 == friction.version


def test_a_gathering_is_a_target_of_its_own_kind() -> None:
    """The rest are content."""
    targets = [one.target for one in usual_contents(NOW)]

    assert ["content:c_2001", "gathering:c_2004"] == [targets[0], targets[-1]]
