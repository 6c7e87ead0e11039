"""An agent's model as its definition says it."""

import pytest
from pydantic import ValidationError

from wire.model import ModelDefinition, ModelLimits

LIMITS = ModelLimits(turns=6, tokens=50_000, seconds=60, usd=0.1)


def test_a_prompt_takes_trusted_words() -> None:
    """Variables are replaced by the task's own fields."""
    model = ModelDefinition(
        name="m", prompt="You watch {service} in {environment}.", budget=LIMITS
    )
    words = {"service": "discourse", "environment": "prod", "kind": "", "agent": ""}

    assert "You watch discourse in prod." == model.fill(words)


def test_a_prompt_with_an_unknown_variable_is_refused() -> None:
    """It says which ones there are: a task's title is no such word."""
    with pytest.raises(
        ValidationError, match=r"names \{title\}; it may name \{agent\}"
    ):
        ModelDefinition(name="m", prompt="Now: {title}", budget=LIMITS)
