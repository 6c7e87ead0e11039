"""
A service that fails by a flag in Unleash, with metrics and traces of its own.

It asks Unleash what its flag is, as a service would, and answers Prometheus's scrapes
and Jaeger's query API from that. (Jaeger itself can't be installed here.)
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

SERVICE, FLAG, ENVIRONMENT = "discourse", "new_ranker", "development"
ROUTE = "POST /v1/replies"
_AT = f"/api/admin/projects/default/features/{FLAG}/environments/{ENVIRONMENT}"
_USUAL_RATIO, _BROKEN_RATIO = 0.002, 0.18
_BROKEN_FROM_PERCENT = 50
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Shop:
    """``target`` is host:port, for Prometheus; ``url`` is its Jaeger."""

    target: str
    url: str
    unleash: httpx.Client

    def owner(self, method: str, path: str, body: object = None) -> object:
        """Do something in Unleash as the flag's owner."""
        answer = self.unleash.request(method, f"/api/admin{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content.strip() else None

    def flag(self) -> tuple[bool, list[dict[str, object]]]:
        """Give whether the flag is on, and its strategies, as Unleash has them."""
        found = self.unleash.get(_AT).raise_for_status().json()
        listed = self.unleash.get(f"{_AT}/strategies").raise_for_status().json()
        return bool(found["enabled"]), listed

    @property
    def error_ratio(self) -> float:
        """Tell from the flag how the service does."""
        enabled, strategies = self.flag()
        widest = max(
            (int(str(_parameters(one).get("rollout", 0))) for one in strategies),
            default=0,
        )
        broken = enabled and widest >= _BROKEN_FROM_PERCENT
        return _BROKEN_RATIO if broken else _USUAL_RATIO

    def metrics(self) -> str:
        ratio = self.error_ratio
        labels = f'service="{SERVICE}",route="{ROUTE}"'
        return (
            f'genme_http_5xx_ratio{{service="{SERVICE}"}} {ratio}\n'
            f"genme_http_requests_per_second{{{labels}}} 400\n"
            f'genme_http_p99_seconds{{service="{SERVICE}"}} {0.2 + ratio}\n'
            f'genme_active_users{{service="{SERVICE}"}} 212000\n'
        )

    def traces(self) -> dict[str, object]:
        """Give twenty failing traces that carry the flag, while it fails."""
        if self.error_ratio < _BROKEN_RATIO:
            return {"data": []}
        now = round(time.time() * _MICROSECONDS)
        return {"data": [_trace(now, number) for number in range(20)]}


def _parameters(strategy: dict[str, object]) -> dict[str, object]:
    found = strategy.get("parameters")
    return found if isinstance(found, dict) else {}


def _trace(now: int, number: int) -> dict[str, object]:
    tags = [
        {"key": "error", "type": "bool", "value": True},
        {"key": "feature_flag.key", "type": "string", "value": FLAG},
    ]
    span = {
        "traceID": f"{number:032x}",
        "spanID": f"{number:016x}",
        "operationName": "rank",
        "startTime": now,
        "duration": 1_800_000,
        "processID": "p1",
        "tags": tags,
        "logs": [],
    }
    process = {"p1": {"serviceName": SERVICE}}
    return {"traceID": f"{number:032x}", "spans": [span], "processes": process}


@contextmanager
def open_shop(unleash_url: str, token: str) -> Iterator[Shop]:
    """Serve until the block ends."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            metrics = self.path.startswith("/metrics")
            body = (shop.metrics() if metrics else json.dumps(shop.traces())).encode()
            kind = "text/plain; version=0.0.4" if metrics else "application/json"
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with httpx.Client(
        base_url=unleash_url, headers={"Authorization": token}, trust_env=False
    ) as unleash:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        target = f"127.0.0.1:{server.server_port}"
        shop = Shop(target, f"http://{target}", unleash)
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        thread.start()
        try:
            yield shop
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
