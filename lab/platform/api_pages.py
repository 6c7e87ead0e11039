"""Take the platform's pages: one for each key, in the order they came, and its end."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from lab.json_object import JsonObject

MOST_KEPT = 1000


class PageOrder(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    key: str = Field(min_length=1, max_length=255)
    summary: str = Field(min_length=1, max_length=2000)
    severity: str
    service: str
    environment: str
    details: dict[str, str]


class PageApi:
    def __init__(self) -> None:
        self._pages: dict[str, JsonObject] = {}

    def router(self) -> APIRouter:
        router = APIRouter()
        for path, endpoint, method in (
            ("/pages", self.pages, "GET"),
            ("/pages/{key}", self.page, "PUT"),
            ("/pages/{key}/resolved", self.resolve, "PUT"),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def pages(self) -> JsonObject:
        return {"pages": list(self._pages.values())}

    async def page(self, key: str, order: PageOrder) -> JsonObject:
        """Call somebody; a key that was used calls nobody again."""
        known = key in self._pages
        self._pages[key] = order.model_dump()
        while len(self._pages) > MOST_KEPT:
            del self._pages[next(iter(self._pages))]
        return {"key": key, "called": not known}

    async def resolve(self, key: str) -> JsonObject:
        """End what was called for; of a key that called nobody there is nothing."""
        known = key in self._pages
        if known:
            self._pages[key] = {**self._pages[key], "resolved": True}
        return {"key": key, "resolved": known}
