"""Check JSON values and collect Slack-like complaints about them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from lab.json_object import JsonObject

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")


@dataclass
class Complaints:
    """Messages end in `[json-pointer:…]`, as Slack's do."""

    messages: list[str] = field(default_factory=list)

    def add(self, what: str, pointer: str) -> None:
        self.messages.append(f"[ERROR] {what} [json-pointer:{pointer}]")

    def string(
        self,
        holder: JsonObject,
        name: str,
        pointer: str,
        *,
        most: int,
        required: bool = False,
    ) -> None:
        value = holder.get(name)
        if value is None:
            if required:
                self.add(f"missing required field: {name}", pointer)
        elif not isinstance(value, str):
            self.add("must be a string", f"{pointer}/{name}")
        elif len(value) > most:
            self.add(f"must be no more than {most} characters", f"{pointer}/{name}")
        elif required and not value:
            self.add("must be more than 0 characters", f"{pointer}/{name}")

    def text(
        self,
        holder: JsonObject,
        name: str,
        pointer: str,
        *,
        most: int,
        kinds: Collection[str] = PLAIN,
        required: bool = True,
    ) -> None:
        """Check a text composition object."""
        value = holder.get(name)
        if value is None:
            if required:
                self.add(f"missing required field: {name}", pointer)
            return
        self.text_object(value, f"{pointer}/{name}", most=most, kinds=kinds)

    def text_object(
        self, value: object, pointer: str, *, most: int, kinds: Collection[str]
    ) -> None:
        if not isinstance(value, dict):
            self.add("must be a text object", pointer)
        elif value.get("type") not in kinds:
            self.add(f"must be one of: {', '.join(kinds)}", f"{pointer}/type")
        else:
            self.string(value, "text", pointer, most=most, required=True)

    def objects(
        self,
        holder: JsonObject,
        name: str,
        pointer: str,
        *,
        least: int = 1,
        most: int,
    ) -> list[tuple[JsonObject, str]]:
        """Return the list's objects with their pointers; complain about the rest."""
        value = holder.get(name)
        if not isinstance(value, list):
            self.add(f"missing required field: {name}", pointer)
            return []
        if not least <= len(value) <= most:
            self.add(f"must have {least} to {most} items", f"{pointer}/{name}")
        found = []
        for index, item in enumerate(value):
            place = f"{pointer}/{name}/{index}"
            if isinstance(item, dict):
                found.append((item, place))
            else:
                self.add("must be an object", place)
        return found
