"""Answer the files.* methods of an upload in three steps."""

from lab.json_object import JsonObject
from lab.slack.arguments import whole_number
from lab.slack.files import StoredFile
from lab.slack.refusal import SlackRefusal
from lab.slack.workspace import Workspace

MOST_BYTES = 20 * 1024 * 1024


def ask_for_address(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Give where to send the bytes; the address names no host, the server adds it."""
    name = str(arguments.get("filename") or "")
    length = whole_number(arguments, "length", 0)
    if not name:
        raise SlackRefusal("invalid_arguments", "[ERROR] missing field: filename")
    if not 0 < length <= MOST_BYTES:
        raise SlackRefusal("invalid_arguments", "[ERROR] invalid field: length")
    alt_text = str(arguments.get("alt_txt") or "")
    secret, file = workspace.files.ask(name, length, alt_text)
    return {"ok": True, "upload_url": f"/upload/{secret}", "file_id": file.file_id}


def complete(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Complete uploads; the lab shares them nowhere by itself."""
    listed = arguments.get("files")
    if not isinstance(listed, list) or not listed:
        raise SlackRefusal("invalid_arguments", "[ERROR] missing field: files")
    done = [
        workspace.files.complete(one.get("id"), str(one.get("title") or ""))
        for one in listed
        if isinstance(one, dict)
    ]
    return {"ok": True, "files": [rendered(file) for file in done]}


def rendered(file: StoredFile) -> JsonObject:
    return {"id": file.file_id, "title": file.title or file.name}
