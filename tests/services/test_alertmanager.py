"""A real Prometheus fires, a real Alertmanager tells, and our webhook understands."""

import asyncio
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.alerts.alertmanager import parse_alertmanager
from cli.clock import utc_now
from policy.alert import Alert, AlertStatus
from tests.services.conftest import StartAlertmanager, StartPrometheus
from tests.services.exporter import exporter

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

RULES = """
groups:
  - name: tests
    rules:
      - alert: HighErrorRate
        expr: genme_http_5xx_ratio > 0.05
        labels: {severity: critical}
        annotations: {summary: "errors of {{ $labels.service }}"}
"""


@contextmanager
def webhook() -> Iterator[tuple[str, "queue.Queue[bytes]"]]:
    """Keep what is posted."""
    posted: queue.Queue[bytes] = queue.Queue()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def received(posted: "queue.Queue[bytes]", status: AlertStatus) -> Alert:
    """Wait for a delivery that holds an alert of this status."""
    while True:
        delivery = parse_alertmanager(json.loads(posted.get(timeout=60)), utc_now())
        assert () == delivery.broken
        for one in delivery.alerts:
            if one.status is status:
                return one


async def test_an_alert_fires_and_resolves(
    real_prometheus: StartPrometheus, real_alertmanager: StartAlertmanager
) -> None:
    """From a metric to an alert of ours, and back."""
    with (
        webhook() as (url, posted),
        exporter('genme_http_5xx_ratio{service="discourse"} 0.2\n') as measured,
    ):
        manager = await asyncio.to_thread(
            real_alertmanager,
            {
                "route": {
                    "receiver": "ours",
                    "group_wait": "100ms",
                    "group_interval": "1s",
                },
                "receivers": [{"name": "ours", "webhook_configs": [{"url": url}]}],
            },
        )
        await asyncio.to_thread(
            real_prometheus,
            targets=[measured.target],
            rules=RULES,
            alertmanagers=[manager.url.removeprefix("http://")],
        )
        firing = await asyncio.to_thread(received, posted, AlertStatus.firing)
        measured.text = measured.text.replace("0.2", "0.01")
        resolved = await asyncio.to_thread(received, posted, AlertStatus.resolved)

    assert ("alertmanager", "discourse", "errors of discourse") == (
        firing.source,
        firing.service,
        firing.title,
    )
    assert firing.fingerprint == resolved.fingerprint
