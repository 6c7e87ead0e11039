"""
Pagers: PagerDuty's Events API v2, Opsgenie's Alert API v2, a hook, the platform's own.

Each takes a page's key as the name of one incident, so that a page whose answer was
lost is sent again without calling anybody twice, and is resolved by that key. The
lengths are the vendors' limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.ports import Page
from policy.alert import Severity

_PAGERDUTY_SUMMARY, _OPSGENIE_MESSAGE, _OPSGENIE_NOTE = 1024, 130, 25_000
_PRIORITIES = {
    Severity.critical: "P1",
    Severity.error: "P2",
    Severity.warning: "P3",
    Severity.info: "P5",
}


@dataclass(frozen=True, slots=True)
class PagerDuty:
    api: Api
    routing_key: str
    least: Severity

    async def page(self, page: Page) -> bool:
        """Trigger an alert whose ``dedup_key`` is the page's key."""
        if not _is_worth(page, self.least):
            return False
        body = {
            "routing_key": self.routing_key,
            "event_action": "trigger",
            "dedup_key": page.key,
            "client": "Ops Autopilot",
            "payload": {
                "summary": page.summary[:_PAGERDUTY_SUMMARY],
                "source": f"ops-autopilot {page.environment}",
                "severity": page.severity.value,
                "component": page.service,
                "custom_details": dict(page.details),
            },
        }
        await self.api.tell("/v2/enqueue", body)
        return True

    async def resolve(self, page: Page) -> bool:
        """Resolve the alert of this ``dedup_key``; of an unknown one it is nothing."""
        if not _is_worth(page, self.least):
            return False
        body = {
            "routing_key": self.routing_key,
            "event_action": "resolve",
            "dedup_key": page.key,
        }
        await self.api.tell("/v2/enqueue", body)
        return True


@dataclass(frozen=True, slots=True)
class Opsgenie:
    api: Api
    least: Severity

    async def page(self, page: Page) -> bool:
        """Create an alert whose ``alias`` is the page's key."""
        if not _is_worth(page, self.least):
            return False
        body = {
            "message": page.summary[:_OPSGENIE_MESSAGE],
            "alias": page.key,
            "description": page.summary,
            "priority": _PRIORITIES[page.severity],
            "source": "Ops Autopilot",
            "entity": page.service,
            "details": dict(page.details),
        }
        await self.api.tell("/v2/alerts", body)
        return True

    async def resolve(self, page: Page) -> bool:
        """Close the alert of this ``alias``."""
        if not _is_worth(page, self.least):
            return False
        path = f"/v2/alerts/{segment(page.key)}/close?identifierType=alias"
        body = {"source": "Ops Autopilot", "note": page.summary[:_OPSGENIE_NOTE]}
        await self.api.tell(path, body)
        return True


@dataclass(frozen=True, slots=True)
class Hook:
    """Any system that takes a POST; ``path`` is its own."""

    api: Api
    path: str
    least: Severity

    async def page(self, page: Page) -> bool:
        """Post the page, its key in ``Idempotency-Key`` too."""
        if not _is_worth(page, self.least):
            return False
        headers = {"Idempotency-Key": page.key}
        await self.api.tell(self.path, body_of(page), headers=headers)
        return True

    async def resolve(self, page: Page) -> bool:
        """Post it once more as ``resolved``, under a key of its own."""
        if not _is_worth(page, self.least):
            return False
        headers = {"Idempotency-Key": f"{page.key}:resolved"}
        body = {**body_of(page), "resolved": True}
        await self.api.tell(self.path, body, headers=headers)
        return True


@dataclass(frozen=True, slots=True)
class PlatformPager:
    """The platform's own: one page for each key, whatever its severity."""

    api: Api

    async def page(self, page: Page) -> bool:
        path = f"/pages/{segment(page.key)}"
        await self.api.tell(path, body_of(page), method="PUT")
        return True

    async def resolve(self, page: Page) -> bool:
        path = f"/pages/{segment(page.key)}/resolved"
        await self.api.tell(path, {}, method="PUT")
        return True


def body_of(page: Page) -> Mapping[str, object]:
    """Give a page as a hook gets it."""
    return {
        "key": page.key,
        "summary": page.summary,
        "severity": page.severity.value,
        "service": page.service,
        "environment": page.environment,
        "details": dict(page.details),
    }


def _is_worth(page: Page, least: Severity) -> bool:
    return page.severity.rank <= least.rank
