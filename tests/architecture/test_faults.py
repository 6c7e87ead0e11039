"""No dead fault point, and no exception swallowed."""

import ast
from functools import cache

import pytest

from storage.steps import Effect, Step
from tests.architecture.sources import Source, all_sources, rooms

# Where a process ends or answers for what nobody foresaw: it records, and goes on.
EDGES = {
    "bot/courier.py",
    "bot/home_answers.py",
    "bot/listeners/messages.py",
    "cli/logs.py",
    "cli/main.py",
    "gateway/server.py",
    "orchestrator/group_commit.py",
    "orchestrator/planned.py",
    "orchestrator/sweeper.py",
    "orchestrator/worker.py",
    "runner/main.py",
    "runner/namespaces.py",
}
BROAD = {"Exception", "BaseException"}


@cache
def uses() -> set[str]:
    """Give ``Step.seal`` and the like, wherever a room's code says so."""
    return {
        ast.unparse(node)
        for one in rooms()
        if one.path != "storage/steps.py"
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Step", "Effect"}
    }


@pytest.mark.parametrize("point", [*Step, *Effect], ids=repr)
def test_each_fault_point_is_on_the_way(point: Step | Effect) -> None:
    """A name that no code uses would be a chaos test that visits nothing."""
    assert f"{type(point).__name__}.{point.name}" in uses()


def test_only_edges_catch_everything() -> None:
    """Everything is caught at a process's edge alone, or raised again."""
    broad = {one.path for one in all_sources() if catches_everything(one)}

    assert broad <= EDGES


def test_every_edge_is_one() -> None:
    """An edge that no longer catches everything is struck from the list."""
    broad = {one.path for one in all_sources() if catches_everything(one)}

    assert EDGES <= broad


def catches_everything(source: Source) -> bool:
    return any(
        isinstance(node, ast.ExceptHandler)
        and (node.type is None or BROAD & names_in(node.type))
        and not raises_again(node)
        for node in ast.walk(source.tree)
    )


def names_in(node: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
