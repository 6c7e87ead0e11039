"""Questions to a model: what a runner may ask, and what an agent's definition says."""

import re
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from wire.tools import Frozen

# What a prompt may name in braces: trusted words of the task, never a stranger's text.
PROMPT_VARIABLES = ("agent", "environment", "kind", "service")
_VARIABLE = re.compile(r"\{([^{}]*)\}")


class ModelLimits(Frozen):
    """What one task may spend on its model; ``seconds`` that the model takes."""

    turns: int = Field(ge=2, le=50)
    tokens: int = Field(ge=1000, le=2_000_000)
    seconds: int = Field(ge=5, le=3600)
    usd: float = Field(ge=0, le=100)


class ModelDefinition(Frozen):
    """
    The model of an agent's version.

    ``prompt`` may name ``PROMPT_VARIABLES`` in braces. ``most_output_tokens`` of one
    answer.
    """

    name: str = Field(min_length=1, max_length=120)
    prompt: str = Field(min_length=1, max_length=20_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    most_output_tokens: int = Field(default=1500, ge=64, le=32_000)
    budget: ModelLimits

    @model_validator(mode="after")
    def _check_variables(self) -> Self:
        named = _VARIABLE.findall(self.prompt)
        unknown = sorted({one for one in named if one not in PROMPT_VARIABLES})
        if unknown:
            raise ValueError(
                f"the prompt names {{{unknown[0][:40]}}}; it may name "
                + ", ".join(f"{{{one}}}" for one in PROMPT_VARIABLES)
            )
        return self

    def fill(self, words: dict[str, str]) -> str:
        """Give the prompt with its variables replaced."""
        return _VARIABLE.sub(lambda found: words[found[1]], self.prompt)


class ChatRequest(Frozen):
    """
    One turn, in the shape of OpenAI's chat completions.

    ``step`` names the turn within the run: the same step asked again is answered from
    the journal. ``model`` may be left out, or be the one of the agent's definition.
    """

    step: str = Field(min_length=1, max_length=120)
    model: str = Field(default="", max_length=120)
    messages: list[dict[str, JsonValue]] = Field(min_length=1, max_length=400)
    tools: list[dict[str, JsonValue]] = Field(default=[], max_length=100)
    tool_choice: JsonValue = None
    stream: Literal[False] = False


class ModelView(Frozen):
    """
    What a run knows of its model: ``prompt`` is filled in.

    ``turns`` of the task in all; an answer comes within ``deadline_seconds`` or not at
    all; questions have at most ``most_characters`` of what was read.
    """

    name: str
    prompt: str
    turns: int
    deadline_seconds: float
    most_characters: int
