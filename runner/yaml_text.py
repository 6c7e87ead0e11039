"""YAML text with the line of each node; the runner may not import policy's twin."""

import yaml

from runner.errors import PlaybookError

Loc = tuple[int | str, ...]


def parse_yaml(text: str, *, path: str) -> tuple[object, dict[Loc, int]]:
    """
    Give the content and the line of each node by its place.

    Raises:
        PlaybookError: not YAML, or a key twice.
    """
    try:
        return _read(text, path=path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise PlaybookError(
            path, line, what=f"not YAML: {error.problem}", mend="mend the syntax"
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        at = error.position if isinstance(error, yaml.reader.ReaderError) else 0
        raise PlaybookError(
            path,
            text.count("\n", 0, at) + 1,
            what=f"not YAML: {error}",
            mend="take it out",
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


def line_at(lines: dict[Loc, int], loc: Loc) -> int:
    """
    Give the line of ``loc`` or of the nearest node around it.

    Parts of ``loc`` that are no node (pydantic names the branch of a union) are
    stepped over.
    """
    return lines.get(_deepest(lines, (), loc), 0)


def _deepest(lines: dict[Loc, int], known: Loc, rest: Loc) -> Loc:
    if not rest:
        return known
    stepped_over = _deepest(lines, known, rest[1:])
    if (*known, rest[0]) not in lines:
        return stepped_over
    return max(_deepest(lines, (*known, rest[0]), rest[1:]), stepped_over, key=len)


def _index(node: yaml.Node, loc: Loc, lines: dict[Loc, int], *, path: str) -> None:
    lines[loc] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            _index(child, (*loc, position), lines, path=path)
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            at = (*loc, str(key.value))
            if at in lines:
                raise PlaybookError(
                    path,
                    key.start_mark.line + 1,
                    what=f"key {key.value!r} stands twice",
                    mend=f"the other is in line {lines[at]}; keep one",
                )
            _index(child, at, lines, path=path)
