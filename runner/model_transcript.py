"""What a run with a model did so far, in order; entries are never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from runner.transcript import Answer, Asked, Seen


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A function that the model calls; ``arguments`` are its own text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of the model."""

    step: str
    content: str
    uses: tuple[ToolUse, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A turn to which no usable answer came; ``code`` is the gateway's."""

    step: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """A use that went to the gateway."""

    use_id: str
    tool: str
    params: Mapping[str, JsonValue]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Told:
    """
    What the model is told without the gateway; ``use_id`` "" answers its plain text.

    ``is_fault``: the model did something that it can't, and may mend it once.
    """

    use_id: str
    text: str
    is_fault: bool = False


Entry = Said | Failed | Done | Told
INVALID_PARAMS = "invalid_params"


@dataclass(frozen=True, slots=True)
class ModelTranscript:
    entries: tuple[Entry, ...] = ()

    def with_entry(self, entry: Entry) -> "ModelTranscript":
        return ModelTranscript((*self.entries, entry))

    @property
    def turns(self) -> int:
        return sum(isinstance(one, Said | Failed) for one in self.entries)

    @property
    def tool_calls(self) -> int:
        """Count the reads that went to the gateway."""
        return sum(
            isinstance(one, Done) and not isinstance(one.answer, Asked)
            for one in self.entries
        )

    @property
    def proposals(self) -> int:
        return sum(
            isinstance(one, Done) and isinstance(one.answer, Asked)
            for one in self.entries
        )

    def seen(self) -> list[tuple[str, Done, Seen]]:
        """Give what was read, each with its short name (``E1``), in order."""
        read = [
            (one, one.answer)
            for one in self.entries
            if isinstance(one, Done) and isinstance(one.answer, Seen)
        ]
        return [(f"E{n}", one, answer) for n, (one, answer) in enumerate(read, 1)]

    def waiting(self) -> ToolUse | None:
        """Find the first use of the last turn that has no answer yet."""
        said = self.last_said()
        if said is None:
            return None
        answered = {one.use_id for one in self.entries if isinstance(one, Done | Told)}
        return next((use for use in said.uses if use.id not in answered), None)

    def last_said(self) -> Said | None:
        for one in reversed(self.entries):
            if isinstance(one, Said):
                return one
        return None

    def faulty_turns(self) -> list[str]:
        """Say what was wrong with each of the last turns, back to one without fault."""
        found: list[str] = []
        for faults in reversed(list(self._faults())):
            if not faults:
                break
            found.append(faults[0])
        return found

    def _faults(self) -> Iterator[list[str]]:
        faults: list[str] | None = None
        for one in self.entries:
            if isinstance(one, Said):
                if faults is not None:
                    yield faults
                faults = []
            elif faults is not None and (said := _fault_of(one)):
                faults.append(said)
        if faults is not None:
            yield faults


def _fault_of(entry: Entry) -> str:
    if isinstance(entry, Told) and entry.is_fault:
        return entry.text
    if isinstance(entry, Done):
        answer = entry.answer
        code = getattr(answer, "code", "")
        if code == INVALID_PARAMS:
            return str(getattr(answer, "message", code))
    return ""
