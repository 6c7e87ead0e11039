"""Agent definitions: files named by version, read once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from policy.decision import Level
from policy.errors import PolicyError
from policy.task import TaskKind
from policy.yaml_text import decode, parse_yaml
from wire.model import ModelDefinition


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
    driver: Literal["playbook", "model"]
    playbook: dict[str, JsonValue]
    description: str = ""
    model: ModelDefinition | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """
    One version; ``digest`` is the SHA-256 (hex) of its file.

    ``model`` None: it walks its playbook, and asks no model.
    """

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
    model: ModelDefinition | None = None


Agents = Mapping[tuple[str, int], Agent]


def load_agents(folder: Path) -> dict[tuple[str, int], Agent]:
    """
    Read ``<folder>/<name>/<version>.yaml``.

    Raises:
        PolicyError: a file is no such definition, or its name and place differ.
    """
    found = [_load(path) for path in sorted(folder.glob("*/*.yaml"))]
    if not found:
        raise PolicyError(
            str(folder),
            0,
            what="the folder holds no agents",
            mend="expected <name>/<version>.yaml",
        )
    return {(agent.name, agent.version): agent for agent in found}


def _load(path: Path) -> Agent:
    raw = path.read_bytes()
    read = parse_yaml(decode(raw, path=str(path)), _Definition, path=str(path))
    if (path.parent.name, path.stem) != (read.name, str(read.version)):
        raise PolicyError(
            str(path),
            0,
            what=f"the file says {read.name} {read.version}",
            mend=f"move it to {read.name}/{read.version}.yaml",
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
        digest=sha256(raw).hexdigest(),
        path=path,
        model=read.model if read.driver == "model" else None,
    )
