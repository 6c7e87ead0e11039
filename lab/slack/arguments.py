"""Read a Web API call's arguments out of whatever form they came in."""

import json

from fastapi import Request

from lab.form import parse_form
from lab.json_object import JsonObject
from lab.slack.refusal import SlackRefusal

JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments", "files")
TRUE_WORDS = ("true", "1", "True")


async def read_arguments(request: Request) -> JsonObject:
    """Merge the query with a JSON, form or multipart body; the body wins.

    Raises: SlackRefusal `invalid_json`, `invalid_blocks` or `invalid_arguments`.
    """
    arguments: JsonObject = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    body = await request.body()
    if content_type.partition(";")[0].strip() == "application/json":
        arguments |= parse_json_body(body)
    else:
        arguments |= parse_form(body, content_type)
    for name in JSON_ARGUMENTS:
        if isinstance(arguments.get(name), str):
            arguments[name] = parse_argument(name, arguments[name])
    return arguments


def parse_json_body(body: bytes) -> JsonObject:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as invalid:
        raise SlackRefusal("invalid_json") from invalid
    if not isinstance(parsed, dict):
        raise SlackRefusal("json_not_object")
    return parsed


def parse_argument(name: str, text: str) -> object:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as invalid:
        code = "invalid_blocks" if name == "blocks" else "invalid_arguments"
        raise SlackRefusal(code, f"[ERROR] {name} is not JSON") from invalid


def flag(arguments: JsonObject, name: str) -> bool:
    value = arguments.get(name)
    return value is True or value in TRUE_WORDS


def unfurls(content: JsonObject) -> bool:
    """Tell whether links are fetched; with blocks, both flags have to be false."""
    return any(
        name not in content or flag(content, name)
        for name in ("unfurl_links", "unfurl_media")
    )


def whole_number(arguments: JsonObject, name: str, default: int) -> int:
    try:
        return int(arguments.get(name) or default)
    except (TypeError, ValueError) as invalid:
        raise SlackRefusal("invalid_arguments", f"[ERROR] {name}") from invalid
