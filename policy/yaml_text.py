"""YAML text to a checked model, with the line of whatever is wrong."""

from collections.abc import Mapping
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from policy.errors import PolicyError

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[int | str, ...]
# Python's stack holds some 250 levels; the deepest text of ours has six.
_MOST_DEPTH = 100


def decode(raw: bytes, *, path: str) -> str:
    """
    Give the text of a file of the release.

    Raises:
        PolicyError: it is no UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise PolicyError(
            path,
            raw.count(b"\n", 0, error.start) + 1,
            what=f"no UTF-8: {error.reason}",
            mend="save the file as UTF-8",
        ) from error


def parse_yaml(text: str, model: type[Model], *, path: str) -> Model:
    """
    Parse one document and check it against ``model``.

    Raises:
        PolicyError: not YAML, nested too deep, a key twice, or a value that the model
            refuses.
    """
    try:
        return _parse(text, model, path=path)
    except RecursionError as error:
        raise PolicyError(
            path,
            _deepest_line(text),
            what="nested deeper than can be read, or within itself",
            mend="take the brackets out",
        ) from error


def _parse(text: str, model: type[Model], *, path: str) -> Model:
    try:
        content, lines = _read(text, path=path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise PolicyError(
            path, line, what=f"not YAML: {error.problem}", mend="mend the syntax"
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise PolicyError(
            path, _line_of(error, text), what=f"not YAML: {error}", mend="take it out"
        ) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PolicyError(
            path,
            line_at(lines, first["loc"]),
            what=f"{'.'.join(map(str, first['loc'])) or 'document'}: {first['msg']}",
            mend="see the comment at the head of the file for the fields",
        ) from error


def _read(text: str, *, path: str) -> tuple[object, dict[Loc, int]]:
    """Parse once, which is the dear part; the loader moves the nodes that it merges."""
    lines: dict[Loc, int] = {}
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, lines
        _index(node, (), lines, path=path)
        return loader.construct_document(node), lines
    finally:
        loader.dispose()


def lines_of(text: str, key: str) -> tuple[int, ...]:
    """Give the line of each row under the top-level ``key``, in order."""
    lines: dict[Loc, int] = {}
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is not None:
        _index(node, (), lines, path="")
    rows = sorted(loc[1] for loc in lines if _is_row(loc, key))
    return tuple(lines[key, row] for row in rows)


def line_at(lines: Mapping[Loc, int], loc: Loc) -> int:
    """
    Give the line of ``loc``, or of the nearest node around it.

    A part that the text does not have is skipped: pydantic puts the tag of a union
    into its places.
    """
    found: Loc = ()
    for part in loc:
        if (*found, part) in lines:
            found = (*found, part)
    return lines.get(found, 1)


def _line_of(error: Exception, text: str) -> int:
    """Find the line of a character that YAML forbids; 0 of a value such as day 32."""
    if isinstance(error, yaml.reader.ReaderError):
        return text.count("\n", 0, error.position) + 1
    return 0


def _deepest_line(text: str) -> int:
    """
    Read event by event, which needs no stack.

    It stops where no sane text goes: each level makes the next one dearer to read.
    """
    depth = deepest = line = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > deepest and event.start_mark is not None:
                deepest, line = depth, event.start_mark.line + 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth >= _MOST_DEPTH:
            break
    return line


def _is_row(loc: Loc, key: str) -> bool:
    return len(loc) == 2 and loc[0] == key and isinstance(loc[1], int)  # noqa: PLR2004 (key, index)


def _index(node: yaml.Node, loc: Loc, lines: dict[Loc, int], *, path: str) -> None:
    lines[loc] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            _index(child, (*loc, position), lines, path=path)
    elif isinstance(node, yaml.MappingNode):
        _index_mapping(node, loc, lines, path=path)


def _index_mapping(
    node: yaml.MappingNode, loc: Loc, lines: dict[Loc, int], *, path: str
) -> None:
    for key, child in node.value:
        at = (*loc, str(key.value))
        if at in lines:
            raise PolicyError(
                path,
                key.start_mark.line + 1,
                what=f"key {key.value!r} stands twice",
                mend=f"the other is in line {lines[at]}; keep one",
            )
        _index(child, at, lines, path=path)
