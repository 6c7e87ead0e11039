"""Each connector with good answers of its system, a read and a write if it writes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import respx

from gateway.connector_kinds import AnyConnector
from tests.gateway.test_connector_kinds import KEYCLOAK, LOAD, made

HOST = "https://x.test"
PNG = b"\x89PNG\r\n\x1a\n rest"
Call = Callable[[Any], Awaitable[object]]


@dataclass(frozen=True)
class Case:
    """
    ``good`` are answers by path, the longest path that fits first.

    ``port`` is what is called; ``write`` names the version that ``read`` gives.
    ``what`` tells several cases of one kind apart.
    """

    name: str
    config: AnyConnector
    port: str
    read: Call
    good: dict[str, httpx.Response] = field(default_factory=dict)
    write: Callable[[Any, int], Awaitable[object]] | None = None
    what: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.what}" if self.what else self.name

    def answer(self, system: respx.MockRouter) -> list[respx.Route]:
        """Answer every GET well; give the routes."""
        return [
            system.get(path=path).mock(return_value=self.good[path])
            for path in sorted(self.good, key=len, reverse=True)
        ]


def said(content: object) -> httpx.Response:
    return httpx.Response(200, json=content)


MATRIX = {"metric": {}, "values": [[1, "2"]]}
SERIES = {"status": "success", "data": {"resultType": "matrix", "result": [MATRIX]}}
VECTOR = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "2"]}]},
}
PANELS = [
    {"id": 1, "title": "Row", "type": "row", "panels": [{"id": 4, "type": "table"}]},
    {"id": 2, "title": "Requests", "type": "timeseries"},
]
JAEGER = {
    "traceID": "abc",
    "spans": [
        {
            "operationName": "GET /feed",
            "startTime": 1_700_000_000_000_000,
            "duration": 250_000,
            "processID": "p1",
            "tags": [
                {"key": "correlation_id", "value": "corr-1"},
                {"key": "error", "value": True},
                {"key": "error.type", "value": "Timeout"},
                {"key": "http.status_code", "value": 504},
            ],
            "logs": [{"fields": [{"key": "message", "value": "too slow"}]}],
        }
    ],
    "processes": {"p1": {"serviceName": "discourse"}},
}
OTLP = {
    "batches": [
        {
            "resource": {
                "attributes": [
                    {"key": "service.name", "value": {"stringValue": "discourse"}}
                ]
            },
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "name": "GET /feed",
                            "startTimeUnixNano": "1700000000000000000",
                            "endTimeUnixNano": "1700000000250000000",
                            "attributes": [
                                {
                                    "key": "correlation_id",
                                    "value": {"stringValue": "corr-1"},
                                },
                                {"key": "code", "value": {"intValue": "504"}},
                            ],
                            "status": {
                                "code": "STATUS_CODE_ERROR",
                                "message": "too slow",
                            },
                        }
                    ]
                }
            ],
        }
    ]
}
STRATEGY: dict[str, object] = {
    "id": "s1",
    "name": "flexibleRollout",
    "title": None,
    "disabled": False,
    "constraints": [],
    "parameters": {"rollout": "25", "stickiness": "default", "groupId": "f"},
    "segments": [],
    "variants": [],
    "sortOrder": 0,
}
FEATURE = {
    "name": "f",
    "createdAt": "2026-01-01T00:00:00Z",
    "environments": [{"name": "production", "enabled": True, "strategies": [STRATEGY]}],
}
EVENTS = {
    "events": [
        {
            "type": "feature-strategy-update",
            "createdAt": "2026-01-02T00:00:00Z",
            "createdBy": "anna",
            "environment": "production",
            "preData": {**STRATEGY, "parameters": {"rollout": "10"}},
        }
    ]
}
TICKET = {
    "id": 7,
    "subject": "I can't log in",
    "status": "open",
    "priority": None,
    "requester_id": 11,
    "tags": ["login"],
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-02T03:04:05Z",
}
USER = {"id": 11, "name": "Mia", "email": "mia@x.test", "external_id": "u-1"}
COMMENT = {
    "author_id": 11,
    "body": "please help",
    "public": True,
    "created_at": "2026-01-01T00:00:00Z",
}
EXPERIMENT = {
    "id": "exp_1",
    "trackingKey": "ranker",
    "name": "Ranker",
    "status": "running",
    "variations": [
        {"variationId": "v0", "key": "0", "name": "control"},
        {"variationId": "v1", "key": "1", "name": "new"},
    ],
    "phases": [
        {"name": "Main", "dateStarted": "2026-01-01T00:00:00Z", "coverage": 0.5}
    ],
}
RESULTS = {
    "result": {
        "results": [
            {
                "metrics": [
                    {
                        "metricId": "met_1",
                        "variations": [
                            {
                                "variationId": "v1",
                                "users": 100,
                                "analyses": [{"mean": 1.5, "chanceToBeatControl": 0.9}],
                            }
                        ],
                    }
                ]
            }
        ]
    }
}
APPEAL = {
    "id": "a1",
    "user": "u1",
    "kind": "ban",
    "about": "u1",
    "opened": 1.0,
    "text": "unfair",
    "state": "open",
    "revision": 3,
}
APPEAL_FIELDS = {
    "appeal_id": "id",
    "user_id": "user",
    "action": "kind",
    "subject_id": "about",
    "opened_at": "opened",
    "statement": "text",
    "status": "state",
    "version": "revision",
}
REST = made(
    "rest",
    version_header="If-Match",
    operations={
        "appeals": {
            "get": {"path": "/appeals/{appeal_id}", "fields": APPEAL_FIELDS},
            "resolve": {
                "method": "POST",
                "path": "/appeals/{appeal_id}/resolution",
                "body": {"outcome": "{resolution}"},
            },
        }
    },
)
REALM = "/admin/realms/acme"

CASES = (
    Case(
        "prometheus",
        made("prometheus"),
        "metrics",
        lambda port: port.service_series("s", start_at=0.0, end_at=60.0),
        {"/api/v1/query_range": said(SERIES)},
    ),
    Case(
        "prometheus-load",
        made("prometheus", load=LOAD),
        "catalogue",
        lambda port: port.service("s"),
        {"/api/v1/query": said(VECTOR)},
    ),
    Case(
        "grafana",
        made("grafana"),
        "dashboards",
        lambda port: port.get("d1"),
        {
            "/api/dashboards/uid/d1": said(
                {"dashboard": {"uid": "d1", "title": "Service", "panels": PANELS}}
            )
        },
    ),
    Case(
        "grafana-render",
        made("grafana"),
        "dashboards",
        lambda port: port.render("d1", 2, start_at=1.0, end_at=61.0),
        {
            "/render/d-solo/d1/_": httpx.Response(
                200, content=PNG, headers={"content-type": "image/png"}
            )
        },
    ),
    Case(
        "jaeger",
        made("jaeger"),
        "traces",
        lambda port: port.search(service="s", correlation_id="corr-1", most=5),
        {"/api/traces": said({"data": [JAEGER], "errors": None})},
    ),
    Case(
        "tempo",
        made("tempo"),
        "traces",
        lambda port: port.search(service="s", correlation_id="corr-1", most=5),
        {
            "/api/search": said({"traces": [{"traceID": "abc"}]}),
            "/api/traces/abc": said(OTLP),
        },
    ),
    Case(
        "jaeger",
        made("jaeger"),
        "traces",
        lambda port: port.get("abc"),
        {"/api/traces/abc": said({"data": [JAEGER], "errors": None})},
        what="one",
    ),
    Case(
        "tempo",
        made("tempo"),
        "traces",
        lambda port: port.get("abc"),
        {"/api/traces/abc": said(OTLP)},
        what="one",
    ),
    Case(
        "unleash",
        made("unleash", environment="production"),
        "flags",
        lambda port: port.get("f"),
        {
            "/api/admin/projects/default/features/f": said(FEATURE),
            "/api/admin/features/f/tags": said(
                {"tags": [{"type": "service", "value": "discourse"}]}
            ),
            "/api/admin/search/events": said(EVENTS),
        },
        lambda port, version: port.set(
            "f",
            enabled=True,
            rollout_percent=50,
            former="",
            seen_version=version,
            idempotency_key="k1",
        ),
    ),
    Case(
        "keycloak",
        made("keycloak", **{**KEYCLOAK, "realm": "acme"}),
        "identity",
        lambda port: port.get("u1"),
        {
            f"{REALM}/users/u1": said({"id": "u1", "enabled": True}),
            f"{REALM}/users/u1/sessions": said([{"id": "s1", "start": 1_000_000}]),
            f"{REALM}/attack-detection/brute-force/users/u1": said(
                {"disabled": False, "numFailures": 2}
            ),
            f"{REALM}/events": said([{"time": 2_000_000, "type": "LOGIN"}]),
            f"{REALM}/events/config": said({"adminEventsEnabled": True}),
            f"{REALM}/admin-events": said([{"time": 3_000_000}]),
        },
        lambda port, version: port.end_sessions(
            "u1", seen_version=version, idempotency_key="k1"
        ),
    ),
    Case(
        "zendesk",
        made("zendesk"),
        "tickets",
        lambda port: port.get("7"),
        {
            "/api/v2/tickets/7": said({"ticket": TICKET, "users": [USER]}),
            "/api/v2/tickets/7/comments": said(
                {"comments": [COMMENT], "users": [USER], "count": 1}
            ),
        },
        lambda port, version: port.comment(
            "7",
            body="seen",
            public=False,
            seen_version=version,
            idempotency_key="k1",
        ),
    ),
    Case(
        "growthbook",
        made("growthbook"),
        "experiments",
        lambda port: port.get("exp_1"),
        {
            "/api/v1/experiments/exp_1": said({"experiment": EXPERIMENT}),
            "/api/v1/experiments/exp_1/results": said(RESULTS),
        },
    ),
    Case(
        "rest",
        REST,
        "appeals",
        lambda port: port.get("a1"),
        {"/appeals/a1": said(APPEAL)},
        lambda port, version: port.resolve(
            "a1",
            resolution="upheld",
            seen_version=version,
            idempotency_key="k1",
        ),
    ),
)
