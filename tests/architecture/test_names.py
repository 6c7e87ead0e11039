"""Names say what a thing is; some words say nothing."""

import ast
import re

import pytest

from tests.architecture.sources import all_sources, rooms

BANNED = frozenset(
    {
        "utils",
        "util",
        "helpers",
        "helper",
        "core",
        "common",
        "misc",
        "base",
        "manager",
        "service",
        "handler",
        "data",
        "info",
        "processor",
    }
)
# What the agent operates is a service: there the word is the domain's own.
SERVICES = {"lab/platform/service.py"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("TaskManager", "manager"),
        ("alert_utils", "utils"),
        ("Database", "database"),
        ("_PlanHandler", "handler"),
    ],
)
def test_a_names_last_word_is_found(name: str, word: str) -> None:
    """The rule sees words in both spellings, and no mere part of a word."""
    assert word == last_word(name)


def test_no_module_has_a_banned_name() -> None:
    """No file and no folder is called by a word that says nothing."""
    named = {one.path for one in all_sources() if BANNED & set(one.names)}

    assert SERVICES == named


def test_no_class_ends_in_a_banned_word() -> None:
    """No class is a manager, a handler or a helper of something."""
    named = [
        f"{one.path}: {node.name}"
        for one in rooms()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.ClassDef)
        and node.name.strip("_") != "Service"
        and last_word(node.name) in BANNED
    ]

    assert [] == named


def words(name: str) -> list[str]:
    """Split ``snake_case`` and ``CamelCase``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")


def last_word(name: str) -> str:
    return words(name)[-1]
