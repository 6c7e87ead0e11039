"""
The whole loop on real servers.

Prometheus scrapes a service that fails by its flag in Unleash; Alertmanager tells our
webhook; a task gathers evidence from Prometheus; a person approves in Slack; the flag
is changed in Unleash; Prometheus shows that it helped; and the undo restores the flag's
strategies exactly.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
import yaml

from cli.local_world import CHANNEL
from tests.journeys.stack import APPROVE, Stack, running_stack, until
from tests.services.conftest import StartAlertmanager, StartPrometheus
from tests.services.servers import Server
from tests.services.shop import ENVIRONMENT, FLAG, ROUTE, SERVICE, Shop, open_shop

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

UNDO = "proposal:undo"
_SECONDS = 90.0
# A scrape a second; a snapshot's usual ends fifteen seconds before the alert.
_USUAL_SAMPLES = 20
RULES = """
groups:
  - name: discourse
    rules:
      - alert: HighErrorRate
        expr: genme_http_5xx_ratio > 0.05
        for: 2s
        labels: {severity: critical, environment: prod, team: reliability}
        annotations: {summary: "discourse: 5xx at {{ $value | humanizePercentage }}"}
"""
TARGETED: dict[str, object] = {
    "name": "flexibleRollout",
    "title": "a part of Germany first",
    "parameters": {"rollout": "5", "stickiness": "userId", "groupId": FLAG},
    "constraints": [
        {"contextName": "country", "operator": "IN", "values": ["DE", "AT"]}
    ],
}


def connectors(prometheus: str, unleash: str, jaeger: str) -> str:
    """Write the file by which a company wires its own systems."""
    one = f'{{service="{SERVICE}"}}'
    load = {
        "requests_per_second": f"sum(genme_http_requests_per_second{one})",
        "error_ratio": f"genme_http_5xx_ratio{one}",
        "p99_ms": f"genme_http_p99_seconds{one} * 1000",
        "active_users": f"genme_active_users{one}",
        "route_label": "route",
        "routes": {"requests_per_second": f"genme_http_requests_per_second{one}"},
    }
    local = {"private": True}
    return yaml.safe_dump(
        {
            "connectors": {
                "our-prometheus": {
                    "kind": "prometheus",
                    "url": prometheus,
                    "load": load,
                    **local,
                },
                "our-unleash": {
                    "kind": "unleash",
                    "url": unleash,
                    "environment": ENVIRONMENT,
                    "auth": {"header": "Authorization", "value": "CONNECTOR_UNLEASH"},
                    **local,
                },
                "our-jaeger": {"kind": "jaeger", "url": jaeger, **local},
            },
            "ports": {
                "metrics": "our-prometheus",
                "catalogue": "our-prometheus",
                "flags": "our-unleash",
                "traces": "our-jaeger",
            },
        }
    )


def receiver(stack: Stack) -> Mapping[str, object]:
    """Write Alertmanager's part, as the README shows it."""
    token = stack.world.environment["LAB_WEBHOOK_TOKEN"]
    webhook = {
        "url": f"{stack.world.web_url}/webhooks/alertmanager/lab",
        "http_config": {"authorization": {"type": "Bearer", "credentials": token}},
    }
    return {
        "route": {
            "receiver": "ops-autopilot",
            "group_by": ["alertname", "service"],
            "group_wait": "1s",
            "group_interval": "2s",
        },
        "receivers": [{"name": "ops-autopilot", "webhook_configs": [webhook]}],
    }


def make_flag(shop: Shop) -> None:
    """Make a flag that reaches five in a hundred, of two countries."""
    shop.owner("POST", "/projects/default/features", {"name": FLAG, "type": "release"})
    shop.owner("POST", f"/features/{FLAG}/tags", {"type": "service", "value": SERVICE})
    at = f"/projects/default/features/{FLAG}/environments/{ENVIRONMENT}"
    shop.owner("POST", f"{at}/strategies", TARGETED)
    shop.owner("POST", f"{at}/on")


def roll_out(shop: Shop) -> None:
    """Raise the rollout to everybody: the change that breaks the service."""
    at = f"/projects/default/features/{FLAG}/environments/{ENVIRONMENT}"
    _, [strategy] = shop.flag()
    raised = {**TARGETED, "parameters": {**strategy["parameters"], "rollout": "100"}}  # type: ignore[dict-item]
    shop.owner("PUT", f"{at}/strategies/{strategy['id']}", raised)


async def click(stack: Stack, action: str) -> None:
    """Click a button of the channel until it is there and answered."""

    async def clicked() -> bool:
        button = await stack.lab.find_button(CHANNEL, action)
        if button is None:
            return False
        await stack.lab.click(button)
        return True

    await until(clicked, f"a click on {action}", _SECONDS)


def states(stack: Stack) -> list[str]:
    rows = stack.rows("SELECT state FROM proposals ORDER BY created_at")
    return [str(row[0]) for row in rows]


def essence(strategies: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out what Unleash numbers anew."""
    return [{k: v for k, v in one.items() if k != "id"} for one in strategies]


async def test_alert_evidence_flag_verified_undone(
    tmp_path: Path,
    real_prometheus: StartPrometheus,
    real_alertmanager: StartAlertmanager,
    real_unleash: Server,
) -> None:
    """Nothing of the loop is ours but the loop."""
    with open_shop(real_unleash.url, real_unleash.token) as shop:
        await asyncio.to_thread(make_flag, shop)
        file = tmp_path / "connectors.yaml"
        settings = {
            "CONNECTORS_FILE": str(file),
            "CONNECTOR_UNLEASH": real_unleash.token,
        }
        # Prometheus needs its Alertmanager's address, which needs the web's: the stack
        # starts first, and its gateway again once the file is whole.
        file.write_text("connectors: {}\nports: {}\n")
        async with running_stack(tmp_path / "stack", settings=settings) as stack:
            manager = await asyncio.to_thread(real_alertmanager, receiver(stack))
            prometheus = await asyncio.to_thread(
                lambda: real_prometheus(
                    targets=[shop.target],
                    rules=RULES,
                    alertmanagers=[manager.url.removeprefix("http://")],
                )
            )
            file.write_text(connectors(prometheus.url, real_unleash.url, shop.url))
            stack.kill("gateway")
            await until(
                lambda: has_samples(prometheus.url, _USUAL_SAMPLES),
                "the usual is known",
                _SECONDS,
            )
            await play(stack, shop)


async def has_samples(url: str, wanted: int) -> bool:
    """Tell whether Prometheus has scraped so often."""
    query = f"count_over_time(genme_http_5xx_ratio{{service='{SERVICE}'}}[5m])"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        answer = await http.get("/api/v1/query", params={"query": query})
    found = answer.json()["data"]["result"]
    return bool(found) and int(found[0]["value"][1]) >= wanted


async def play(stack: Stack, shop: Shop) -> None:
    """Break it, approve, see it mended, undo, and see it as it was."""
    await asyncio.to_thread(roll_out, shop)
    broken = await asyncio.to_thread(shop.flag)

    await click(stack, APPROVE)
    await until(lambda: _is(stack, ["succeeded"]), "mended and verified", _SECONDS)
    enabled, _ = await asyncio.to_thread(shop.flag)
    evidence = stack.rows("SELECT tool, body FROM evidence ORDER BY created_at")
    tools = [str(row[0]) for row in evidence]
    snapshot = json.loads(str(evidence[0][1]))
    ratio = next(p for p in snapshot["panels"] if p["name"] == "error_ratio")

    assert not enabled
    assert ["get_dashboard_snapshot", "trace_lookup"] == tools[:2]
    assert ratio["current"] > 0.1
    assert ROUTE in {one["route"] for one in snapshot["routes"]}

    await click(stack, UNDO)
    await click(stack, APPROVE)
    await until(
        lambda: _is(stack, ["undone", "succeeded"]), "undone and verified", _SECONDS
    )
    restored = await asyncio.to_thread(shop.flag)

    assert restored[0]
    assert essence(broken[1]) == essence(restored[1])
    assert [(1,)] == stack.rows(
        "SELECT count(*) FROM tasks WHERE linked_to IS NOT NULL"
    )


async def _is(stack: Stack, wanted: list[str]) -> bool:
    return states(stack)[: len(wanted)] == wanted
