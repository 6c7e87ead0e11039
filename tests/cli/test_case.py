"""``audit case``: all of it, on a page that loads nothing and escapes everything."""

import argparse
import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli.case import render_case, run_case
from policy.event import Event
from storage import ledger
from storage.cases import Case
from storage.errors import NotFound
from storage.steps import Step
from tests.cli.world import Environment
from tests.conftest import Databases, Scopes
from tests.database import Urls
from tests.samples import add_task
from tests.storage.sealing import PROD, STAGING, make_sealing

NOW = datetime(2026, 11, 26, 21, tzinfo=UTC)
HOSTILE = (
    "</pre></td><script>alert(1)</script><img src=x onerror=alert(1)> \"' {{ 7*7 }}"
)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBg\nAAAABQAB"

_COLUMNS = [
    "id",
    "tool",
    "title",
    "state",
    "severity",
    "environment",
    "created_at",
    "opened_by",
    "body",
    "digest",
    "verdict",
    "event",
    "actor",
    "at",
    "comment",
]


def a_case(word: str, *, picture: str | None = None) -> Case:
    """Give a case in which every value of every part is this word."""
    row: dict[str, object] = dict.fromkeys(_COLUMNS, word)
    evidence = {**row, "picture": picture, "picture_alt": word}
    entry = {**row, "task_seq": 1, "seq": 7, "signed_by": 9}
    rows: list[dict[str, object]] = [row, {**row, "params": {word: [word]}}]
    return Case(
        task=row,
        alerts=rows,
        runs=rows,
        calls=rows,
        model_calls=rows,
        evidence=[evidence],
        proposals=rows,
        decisions=rows,
        approvals=rows,
        grants=rows,
        executions=rows,
        reversions=[],
        eval_cases=rows,
        entries=[entry, {**entry, "signed_by": None}, {**entry, "seq": None,
                 "signed_by": None}],
    )  # fmt: skip


class Shape(HTMLParser):
    """What a browser would make of a page: elements with the names of attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.sources: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.sources += [
            str(value) for name, value in attrs if name in {"src", "href", "action"}
        ]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(word: str, *, picture: str | None = None) -> str:
    return render_case(a_case(word, picture=picture), tenant="acme", printed_at=NOW)


def test_a_hostile_word_makes_no_element() -> None:
    """Wherever it stands, the page is made of the same elements as of a plain word."""
    plain, hostile = Shape(page("plain")), Shape(page(HOSTILE))

    assert plain.elements == hostile.elements
    assert HOSTILE in "".join(hostile.words)
    assert "49" not in "".join(hostile.words)


def test_a_page_loads_nothing() -> None:
    """Pictures are in it; a policy forbids everything else, scripts first."""
    shape = Shape(page("plain", picture=PIXEL))

    assert [f"data:image/png;base64,{''.join(PIXEL.split())}"] == shape.sources
    assert "script" not in {name for name, _ in shape.elements}
    assert "default-src 'none'" in page("plain")


def test_what_is_no_picture_is_left_out() -> None:
    assert [] == Shape(page("plain", picture='x" onerror="y')).sources


def test_every_part_is_on_the_page() -> None:
    text = "".join(Shape(page("plain")).words)

    for part in ("Alerts (2)", "Evidence (1)", "Proposals (2)", "Decisions of policy",
                 "Approvals and rejections (2)", "Executions (2)", "Calls of tools",
                 "Scheduled reversions (0)", "signed in the checkpoint of\xa09",
                 "not signed yet", "not sealed yet"):  # fmt: skip
        assert part in text


@pytest.fixture
def reader(environment: Environment, urls: Urls) -> None:
    environment.set(DATABASE_URL_WEB=urls["web"])


def asked(task: str, **flags: object) -> argparse.Namespace:
    return argparse.Namespace(**{"task": task, "tenant": "acme", "html": None, **flags})


@pytest.mark.usefixtures("reader")
async def test_a_case_is_printed_by_id_and_by_short_id(
    database: Databases,
    scopes: Scopes,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Of whichever environment; the checkpoint may end in another one."""
    made = await make_sealing(database, scopes)
    async with made.worker.transaction(PROD, Step.set_up) as tx:
        task = await add_task(tx, title="<b>5xx</b>")
        await ledger.append(tx, Event.task_created, actor="x", body={}, task_id=task.id)
    await made.append(await made.task(STAGING), STAGING)
    await made.seal()
    await made.sign()
    codes = [await run_case(asked(str(task.id))), await run_case(asked(task.short_id))]
    first, second = capfd.readouterr().out.split("}\n{")
    path = tmp_path / "case.html"
    codes.append(await run_case(asked(task.short_id, html=str(path))))

    assert [0, 0, 0] == codes
    assert json.loads(f"{first}}}") == json.loads(f"{{{second}")
    assert 2 == json.loads(f"{first}}}")["entries"][0]["signed_by"]
    assert "&lt;b&gt;5xx&lt;/b&gt;" in path.read_text()


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", ["ffffffff", "018f3c4e-0000-7000-8000-00000000000a"])
async def test_a_task_that_is_not_there_is_said(scopes: Scopes, name: str) -> None:
    await scopes("acme", "prod")

    with pytest.raises(NotFound, match="task"):
        await run_case(asked(name))


@pytest.mark.usefixtures("reader")
async def test_a_tenant_that_is_not_there_is_said(scopes: Scopes) -> None:
    await scopes("acme", "prod")

    with pytest.raises(NotFound, match="autopilot tenant add"):
        await run_case(asked("x", tenant="nobody"))
