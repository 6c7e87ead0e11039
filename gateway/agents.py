"""Agent definitions: files named by version, read once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from policy.decision import Level
from policy.task import TaskKind


class AgentError(Exception):
    """A definition that does not load; the message names file and mend."""


class _Budget(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tool_calls: int
    seconds: int


class _Definition(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    version: int
    kinds: list[TaskKind]
    tools: list[str]
    budget: _Budget
    autonomy_ceiling: Literal["L0", "L1", "L2", "L3"]
    driver: Literal["playbook"]
    playbook: dict[str, JsonValue]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """One version; ``digest`` is the SHA-256 (hex) of its file."""

    name: str
    version: int
    kinds: tuple[TaskKind, ...]
    tools: tuple[str, ...]
    tool_calls: int
    seconds: int
    ceiling: Level
    playbook: Mapping[str, JsonValue]
    digest: str
    path: Path


Agents = Mapping[tuple[str, int], Agent]


def load_agents(folder: Path) -> dict[tuple[str, int], Agent]:
    """
    Read ``<folder>/<name>/<version>.yaml``.

    Raises:
        AgentError: a file is no such definition, or its name and place differ.
    """
    found = [_load(path) for path in sorted(folder.glob("*/*.yaml"))]
    if not found:
        raise AgentError(f"{folder}: holds no agents; expected <name>/<version>.yaml")
    return {(agent.name, agent.version): agent for agent in found}


def _load(path: Path) -> Agent:
    text = path.read_text()
    try:
        read = _Definition.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as exc:
        raise AgentError(f"{path}: is no YAML: {exc}") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AgentError(f"{path}: {where}: {first['msg']}; mend that field") from exc
    if (path.parent.name, path.stem) != (read.name, str(read.version)):
        raise AgentError(
            f"{path}: says {read.name} {read.version}; move it to "
            f"{read.name}/{read.version}.yaml"
        )
    return Agent(
        name=read.name,
        version=read.version,
        kinds=tuple(read.kinds),
        tools=tuple(read.tools),
        tool_calls=read.budget.tool_calls,
        seconds=read.budget.seconds,
        ceiling=Level[read.autonomy_ceiling],
        playbook=read.playbook,
        digest=sha256(text.encode()).hexdigest(),
        path=path,
    )
