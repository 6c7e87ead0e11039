"""
Logging: one JSON line a fact, on standard error, and nothing personal in it.

What a library or a fault of ours says is not ours to trust: every text of a line, its
traceback too, goes through redaction last.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import Processor

from cli.policy_files import load_redaction
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact, redact_text
from gateway.redaction.rules import policy_of
from gateway.redaction.span import Policy
from policy.errors import PolicyError

# Its placeholders number a line's own people; nothing is kept.
_KEY = b"logs"
# Of a value that is no JSON, in characters.
_MOST_SHOWN = 4_000
# Longer integers are not all written: Python refuses those of 4,300 digits.
_MOST_BITS = 64


def log_policy(folder: Path) -> Policy:
    """Give what this deployment hides; all there is where its text does not load."""
    try:
        return policy_of(load_redaction(folder))
    except (PolicyError, OSError):
        return Policy(redact_ip=True, redact_user_id=True)


def configure_logs(process: str, policy: Policy) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_people(policy),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Hidden(policy))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = _tell_of_unraisable


def _tell(
    kind: type[BaseException], exc: BaseException, trace: TracebackType | None
) -> None:
    """Write what nobody caught as any line: Python's own words would quote it."""
    if not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger().critical("process.fault", exc_info=(kind, exc, trace))


def _tell_of_unraisable(ended: "sys.UnraisableHookArgs") -> None:
    exc = ended.exc_value or ended.exc_type()
    _tell(type(exc), exc, ended.exc_traceback)


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    exc = ended.exc_value or ended.exc_type()
    _tell(ended.exc_type, exc, ended.exc_traceback)


def hide_people(policy: Policy) -> Processor:
    """Make what redacts a line's texts: structlog's last processor but one."""

    def hide(
        _logger: object, _method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        hidden = Placeholders(key=_KEY, policy=policy)
        try:
            plain = json.loads(json.dumps(dict(line), default=_shown))
        except (TypeError, ValueError, RecursionError):
            plain = {str(name): _shown(value) for name, value in line.items()}
        return dict(redact(plain, hidden))

    return hide


def _shown(value: object) -> str | int | float | bool | None:
    """Give what no JSON can hold as it shows itself, bounded."""
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int) and value.bit_length() <= _MOST_BITS:
        return value
    try:
        return _cut(repr(value))
    except Exception as exc:  # noqa: BLE001 - the line that tells of it is written
        return f"<{type(value).__name__} that shows nothing: {type(exc).__name__}>"


def _cut(text: str) -> str:
    """Cut a long text where a word ends: half a secret has no form to be found by."""
    if len(text) <= _MOST_SHOWN:
        return text
    return "".join(re.split(r"(\s)", text[:_MOST_SHOWN])[:-1]) + "…"


class _Hidden(logging.Formatter):
    """Redacts a whole record, its traceback too."""

    def __init__(self, policy: Policy) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._policy = policy

    def format(self, record: logging.LogRecord) -> str:
        hidden = Placeholders(key=_KEY, policy=self._policy)
        return redact_text(super().format(record), hidden)
