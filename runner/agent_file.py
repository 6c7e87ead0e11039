"""One version of an agent, as its file under ``agents/`` says."""

from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from runner.errors import PlaybookError
from runner.playbook import Part, Playbook
from runner.playbook_check import parse_playbook
from runner.yaml_text import line_at, parse_yaml
from wire.model import ModelDefinition


class BudgetLimits(Part):
    tool_calls: int = Field(ge=1, le=200)
    seconds: int = Field(ge=1, le=3600)


class AgentFile(Part):
    """
    ``playbook`` is handed to the runner as it stands; it is checked here.

    One whose driver is ``model`` has a playbook all the same: it takes over when the
    model gives nothing.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1)
    description: str = ""
    kinds: tuple[str, ...] = Field(min_length=1)
    tools: tuple[str, ...] = Field(min_length=1)
    budget: BudgetLimits
    autonomy_ceiling: Literal["L0", "L1", "L2", "L3"]
    driver: Literal["playbook", "model"]
    playbook: Playbook
    model: ModelDefinition | None = None

    @model_validator(mode="after")
    def _check_driver(self) -> Self:
        if (self.driver == "model") != (self.model is not None):
            raise ValueError(
                "`driver: model` and a `model` go together: say both, or neither"
            )
        return self


def parse_agent(text: str, *, path: str) -> AgentFile:
    """
    Parse and check an agent's file, its playbook included.

    Raises:
        PlaybookError: with file and line.
    """
    content, lines = parse_yaml(text, path=path)
    try:
        agent = AgentFile.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PlaybookError(
            path,
            line_at(lines, first["loc"]),
            what=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            mend="see runner/agent_file.py for the fields",
        ) from error
    parse_playbook(
        agent.playbook, tools=agent.tools, path=path, lines=lines, at=("playbook",)
    )
    return agent
