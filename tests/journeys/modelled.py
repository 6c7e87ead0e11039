"""A world whose agent asks the lab's model: the shipped one, with a model added."""

from pathlib import Path
from typing import Any

import yaml

from cli.processes import ROOT
from tests.journeys.stack import Stack

MODEL = {
    "name": "lab-triage",
    "prompt": "You triage errors of {service} in {environment}.",
    "temperature": 0,
    "budget": {"turns": 8, "tokens": 120_000, "seconds": 60, "usd": 0.5},
}


def settings_with_model(folder: Path, **budget: object) -> dict[str, str]:
    """Write agent and routes; give the settings that name them."""
    agents = folder / "agents" / "reliability-triage"
    agents.mkdir(parents=True)
    text = yaml.safe_load((ROOT / "agents/reliability-triage/1.yaml").read_text())
    limits = {**MODEL["budget"], **budget}  # type: ignore[dict-item]
    text |= {"driver": "model", "model": {**MODEL, "budget": limits}}
    (agents / "1.yaml").write_text(yaml.safe_dump(text, sort_keys=False))
    routes = folder / "routes.yaml"
    said = yaml.safe_load((ROOT / "routes.yaml").read_text())
    for route in said["routes"]:
        route |= {"quiet_seconds": 1, "most_fixes": 100}
    said["storm"] = {"alerts_per_minute": 100_000, "threads_per_minute": 1000}
    routes.write_text(yaml.safe_dump(said))
    return {
        "AGENTS_FOLDER": str(folder / "agents"),
        "ROUTES_FILE": str(routes),
        "MODEL_DEADLINE_SECONDS": "3",
    }


async def play_script(stack: Stack, *turns: dict[str, Any], **more: Any) -> None:
    """Have the lab's model play these turns, and forget what it was asked."""
    await stack.post("/lab/model", {"turns": list(turns), **more})


async def asked(stack: Stack) -> list[str]:
    """Give the digest of every question that reached the model."""
    found: list[str] = (await stack.get("/lab/model"))["asked"]
    return found
