"""
What is rendered, against a JSON Schema made of Slack's own types.

``@slack/types`` says of what each block is made; ours are validated by it as they are
rendered in the tests of the cards, and as ``autopilot slack validate-live`` sends them.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from bot.blocks.text import Block, section
from bot.golden import golden_payloads
from bot.outbound.gate import Gate
from tests.architecture.sources import ROOT
from tests.services.conftest import skipping
from tests.services.install import run_tool, slack_types
from tests.services.recording import renderers

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]

# A view may hold any block by Slack's types; here it is one that they know.
_ENTRY = """
import { HomeView, KnownBlock, ModalView } from "@slack/types";
export interface Message { text: string; blocks: KnownBlock[] }
export type Modal = Omit<ModalView, "blocks"> & { blocks: KnownBlock[] };
export type Home = Omit<HomeView, "blocks"> & { blocks: KnownBlock[] };
export type View = Modal | Home;
"""
_CONFIG = {"compilerOptions": {"strict": True, "moduleResolution": "node"}}
_VALIDATE = """
const fs = require("fs");
const Ajv = require("ajv");
const [schema, payloads] = process.argv.slice(2).map((one) =>
  JSON.parse(fs.readFileSync(one)));
const ajv = new Ajv({ strict: false });
ajv.addSchema(schema, "slack");
const wrong = payloads.map((one) => {
  const kind = one.type ? "View" : "Message";
  const validate = ajv.getSchema("slack#/definitions/" + kind);
  return validate(one) ? "" : ajv.errorsText(validate.errors.slice(0, 5));
});
console.log(JSON.stringify(wrong));
"""
Validate = Callable[[Sequence[object]], list[str]]


@pytest.fixture(scope="module")
def validate(tmp_path_factory: pytest.TempPathFactory) -> Validate:
    """Give a function that says of each payload what is wrong, "" for nothing."""
    with skipping("slack types"):
        folder = slack_types()
        (folder / "entry.ts").write_text(_ENTRY)
        (folder / "tsconfig.json").write_text(json.dumps(_CONFIG))
        (folder / "validate.cjs").write_text(_VALIDATE)
        make = ["npx", "--no-install", "ts-json-schema-generator", "--type", "*"]
        given = ["--path", "entry.ts", "--tsconfig", "tsconfig.json"]
        schema = run_tool([*make, *given, "--no-type-check"], folder)
    work = tmp_path_factory.mktemp("slack")
    (work / "schema.json").write_text(schema)

    def check(payloads: Sequence[object]) -> list[str]:
        (work / "payloads.json").write_text(json.dumps(payloads))
        files = [str(work / one) for one in ("schema.json", "payloads.json")]
        said = run_tool(["node", "validate.cjs", *files], folder)
        found: list[str] = json.loads(said)
        return found

    return check


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """Run the tests of the renderers, and give what these rendered."""
    path = tmp_path_factory.mktemp("recorded") / "rendered.json"
    return record(path)


def record(path: Path) -> list[dict[str, object]]:
    """Give rows of ``renderer`` and ``payload``, one of each shape."""
    plugin = ["-p", "tests.services.recording", f"--recorded={path}"]
    plugin += ["-p", "no:randomly", "--hypothesis-seed=0"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "tests/bot/blocks"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert 0 == ran.returncode, ran.stdout[-2000:]
    found: list[dict[str, object]] = json.loads(path.read_text())
    return found


def wrong(
    validate: Validate, rows: Sequence[Mapping[str, object]]
) -> list[tuple[object, str]]:
    said = validate([one["payload"] for one in rows])
    return [(row["renderer"], one) for row, one in zip(rows, said, strict=True) if one]


def test_what_the_tests_render_is_made_as_slack_says(
    validate: Validate, rendered: list[dict[str, object]]
) -> None:
    """Every renderer, in every shape that its tests give it."""
    assert renderers() == {str(one["renderer"]) for one in rendered}
    assert [] == wrong(validate, rendered)


def test_golden_payloads_are_made_as_slack_says(validate: Validate) -> None:
    """Those that are sent to Slack to be validated."""
    rows = [
        {"renderer": name, "payload": payload}
        for name, payload in golden_payloads().items()
    ]

    assert [] == wrong(validate, rows)


def test_what_the_gate_shortens_is_made_as_slack_says(validate: Validate) -> None:
    """Blocks that were left out have a line of ours in their place."""
    blocks = [section("x" * 2000 + str(at)) for at in range(60)]
    view: Block = {"type": "home", "blocks": blocks * 2}
    gate = Gate(strict=False)
    sent: list[object] = [gate.passed("x", {"text": "a", "blocks": blocks})]
    sent += [gate.passed("x", {"view": view})["view"]]

    assert ["", ""] == validate(sent)


_TEXT = {"type": "mrkdwn", "text": "a"}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": _TEXT, "colour": "red"},
        {"type": "header", "text": _TEXT},
        {"type": "actions", "elements": [{"type": "button", "value": "v"}]},
        {"type": "canvas"},
    ],
)
def test_what_slack_s_types_do_not_know_is_found(
    validate: Validate, block: Block
) -> None:
    """A field, a kind of text, a part that lacks, a block: the schema tells them."""
    message: Block = {"text": "a", "blocks": [block]}
    title = {"type": "plain_text", "text": "t"}
    modal: Block = {"type": "modal", "title": title, "blocks": [block]}

    assert [True, True] == [bool(one) for one in validate([message, modal])]
