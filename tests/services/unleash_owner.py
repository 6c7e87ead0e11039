"""Somebody who owns flags in a real Unleash, and changes them there."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx

from tests.services.servers import Server

ENVIRONMENT = "development"
TARGETED: dict[str, object] = {
    "name": "flexibleRollout",
    "title": "a tenth of Germany",
    "disabled": False,
    "sortOrder": 1,
    "parameters": {"rollout": "10", "stickiness": "userId", "groupId": "german"},
    "constraints": [
        {
            "contextName": "country",
            "operator": "IN",
            "values": ["DE", "AT"],
            "inverted": False,
            "caseInsensitive": False,
        }
    ],
    "variants": [
        {
            "name": "blue",
            "weight": 1000,
            "weightType": "variable",
            "stickiness": "default",
            "payload": {"type": "json", "value": '{"colour": "blü"}'},
        }
    ],
}
NAMED: dict[str, object] = {
    "name": "ourStaff",
    "parameters": {"ids": "u1,u2"},
    "sortOrder": 2,
}
CLOSED: dict[str, object] = {"name": "default", "disabled": True, "sortOrder": 3}
_numbers = count()


class Owner:
    """Somebody with the same Unleash open in a browser."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def make(
        self,
        *strategies: dict[str, object],
        enabled: bool = True,
        service: str = "discourse",
    ) -> str:
        """Make a flag; many of one service hide others of it, since fifty are shown."""
        key = f"flag_{next(_numbers)}"
        self.do("POST", "/projects/default/features", {"name": key, "type": "release"})
        tag = {"type": "service", "value": service}
        self.do("POST", f"/features/{key}/tags", tag)
        for one in strategies:
            self.do("POST", f"{self.at(key)}/strategies", one)
        if enabled:
            self.do("POST", f"{self.at(key)}/on")
        return key

    def at(self, key: str) -> str:
        return f"/projects/default/features/{key}/environments/{ENVIRONMENT}"

    def strategies(self, key: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.do("GET", f"{self.at(key)}/strategies")
        return found

    def do(
        self, method: str, path: str, body: object = None
    ) -> list[dict[str, object]]:
        answer = self._http.request(method, f"/api/admin{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content.strip() else []


@contextmanager
def owning(server: Server) -> Iterator[Owner]:
    """Give its owner until the block ends."""
    with httpx.Client(
        base_url=server.url,
        headers={"Authorization": server.token},
        trust_env=False,
    ) as http:
        yield Owner(http)
