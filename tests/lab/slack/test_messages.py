from lab.slack.message import Message
from lab.slack.messages import Messages


def draft(text: str, thread_ts: str | None = None) -> Message:
    return Message("C1", "", "U1", text, thread_ts=thread_ts)


def test_ts_grows_even_if_the_clock_goes_back() -> None:
    """An app may sort by it."""
    messages = Messages()
    stamps = [messages.append(draft("x"), now=now).ts for now in (10, 10, 9)]

    assert sorted(set(stamps)) == stamps


def test_threads_are_apart_from_roots() -> None:
    """A reply is in its thread and not in the channel's list."""
    messages = Messages()
    root = messages.append(draft("root"), now=1)
    reply = messages.append(draft("reply", root.ts), now=2)

    assert [root] == messages.roots("C1")
    assert [reply] == messages.replies(root)
