"""
Have slack_sdk's own models look at what is sent, all the way down.

A model checks itself alone, and parses its parts; what it leaves as a dict is parsed
here. Their words name a class and a limit, and nothing of the content.
"""

from collections.abc import Iterator, Mapping

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.blocks.basic_components import ConfirmObject, Option, OptionGroup
from slack_sdk.models.blocks.block_elements import BlockElement
from slack_sdk.models.views import View

_VIEWS = frozenset({"modal", "home"})


def complaints_about(content: Mapping[str, object]) -> list[str]:
    """
    Give what the models say of a message's ``blocks``, or of a view.

    Of a type that they don't know they log the whole part: ask about known ones alone.
    """
    try:
        return [one for part in _within(_parsed(content)) for one in _said(part)]
    except (TypeError, AttributeError, SlackObjectFormationError) as exc:
        return [f"{type(exc).__name__}: a part lacks something, or is of another kind"]


def _parsed(content: Mapping[str, object]) -> object:
    if content.get("type") in _VIEWS:
        return View(**content)  # type: ignore[arg-type]
    given = content.get("blocks")
    return [Block.parse(one) for one in given] if isinstance(given, list) else []


def _within(value: object, name: str = "") -> Iterator[JsonObject]:
    """Give every model in a value, the value itself among them."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _within(one, name)
    elif isinstance(value, JsonObject):
        yield value
        for field, part in vars(value).items():
            yield from _within(part, field)
    elif isinstance(value, Mapping):
        yield from _within(_read(dict(value), name), name)


def _read(value: dict[str, object], name: str) -> object:
    """Parse what a model left as it was given."""
    if name == "confirm":
        return ConfirmObject.parse(value)
    if name in {"options", "initial_options"}:
        return Option.parse_all([value])
    if name == "option_groups":
        return OptionGroup.parse_all([value])
    return BlockElement.parse(value) if name in {"element", "accessory"} else None


def _said(part: JsonObject) -> list[str]:
    try:
        part.validate_json()
    except SlackObjectFormationError as exc:
        return [f"{type(part).__name__}: {exc}"]
    return []
