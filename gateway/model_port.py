"""What the gate wants of a model's endpoint, and the ways in which it gives nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from policy.model_call import ModelFault


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the endpoint counted them."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class CalledTool:
    """``arguments`` are the model's own text, which need not be JSON."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One whole answer; ``usage`` None where the endpoint did not count."""

    model: str
    content: str
    calls: tuple[CalledTool, ...]
    finish_reason: str
    usage: Usage | None


class ModelFailed(Exception):
    """
    No usable answer came.

    ``paid``: the model worked on it, so that it costs what ``usage`` says, or what was
    expected where nobody says.
    """

    def __init__(
        self, fault: ModelFault, said: str, *, paid: bool, usage: Usage | None = None
    ) -> None:
        super().__init__(said)
        self.fault = fault
        self.paid = paid
        self.usage = usage


class ModelPort(Protocol):
    """One endpoint of OpenAI's shape."""

    async def complete(
        self, body: Mapping[str, JsonValue], *, seconds: float
    ) -> Completion:
        """
        Ask once; what fails before any answer began is repeated within ``seconds``.

        Raises:
            ModelFailed: with its name, and whether it is paid.
        """
