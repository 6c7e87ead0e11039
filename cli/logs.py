"""
Logging: one JSON line a fact, on standard error, and nothing personal in it.

What a library or a fault of ours says is not ours to trust: every text of a line, its
traceback too, goes through redaction last.
"""

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact, redact_text

# Its placeholders number a line's own people; nothing is kept.
_KEY = b"logs"


def configure_logs(process: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_people,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Hidden("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def hide_people(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact a line's texts, as structlog's last processor but one."""
    plain = json.loads(json.dumps(dict(line), default=repr))
    return dict(redact(plain, Placeholders(key=_KEY)))


class _Hidden(logging.Formatter):
    """Redacts a whole record, its traceback too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact_text(super().format(record), Placeholders(key=_KEY))
