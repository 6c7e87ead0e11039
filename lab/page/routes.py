"""Serve the page's files with a strict content security policy."""

import mimetypes
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' http: https: data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def page_router() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/", index, methods=["GET"], response_model=None)
    router.add_api_route("/page/{name}", part, methods=["GET"], response_model=None)
    return router


async def index() -> FileResponse:
    return served("index.html")


async def part(name: str) -> FileResponse:
    return served(name)


def served(name: str) -> FileResponse:
    """Raise a 404 for everything that is not one of our files."""
    folder = Path(__file__).parent / "static"
    known = {path.name: path for path in folder.iterdir() if path.is_file()}
    if name not in known:
        raise HTTPException(404, detail=f"the page has no part {name!r}")
    return FileResponse(
        known[name],
        media_type=mimetypes.guess_type(name)[0],
        headers={
            "content-security-policy": POLICY,
            "cache-control": "no-cache",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
    )
