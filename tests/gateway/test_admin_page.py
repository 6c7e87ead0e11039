"""Admin pages: an address for each tool's target, from typed params alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.admin_page import check_pages, page_of
from gateway.connector_config import parse_connectors
from gateway.tools.catalog import all_tools
from policy.errors import PolicyError
from tests.gateway.outside import FLAG
from tests.gateway.world import World

FLAGS = "https://flags.example/projects/default/features/{flag_key}"


@pytest.mark.parametrize(
    ("value", "page"),
    [
        ("new_ranker", "https://flags.example/projects/default/features/new_ranker"),
        (
            "a/../b?x#y",
            "https://flags.example/projects/default/features/a%2F..%2Fb%3Fx%23y",
        ),
        ("..", None),
        ("", None),
        (None, None),
        ("⟨email:1⟩", None),
        ("x" * 4000, None),
    ],
)
def test_each_value_is_one_whole_part(value: str | None, page: str | None) -> None:
    """It can lead to no other page; what is hidden or missing has none."""
    assert page == page_of(FLAGS, {"flag_key": value})


def test_several_params_make_one_address() -> None:
    template = "https://gw.example/{service}?route={route}"
    page = page_of(template, {"service": "feed", "route": "GET /feed", "limit_rps": 1})

    assert "https://gw.example/feed?route=GET%20%2Ffeed" == page


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({"toggle_flags": FLAGS}, "no write tool is called toggle_flags"),
        ({"get_queue_state": FLAGS}, "no write tool is called get_queue_state"),
        ({"toggle_feature_flag": FLAGS.replace("_key", "")}, "has no param flag"),
    ],
)
def test_what_no_tool_has_is_refused(pages: dict[str, str], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        check_pages(pages, all_tools().specs, path=Path("connectors.yaml"))


@pytest.mark.parametrize(
    "template",
    [
        "http://flags.example/{flag_key}",
        "https://{flag_key}.example/",
        "https://flags.example/a b",
        "javascript:alert(1)",
    ],
)
def test_a_template_is_https_on_a_host_of_its_own(template: str) -> None:
    """No param names the host."""
    text = f"admin_pages: {{toggle_feature_flag: '{template}'}}"
    with pytest.raises(PolicyError):
        parse_connectors(text, path="connectors.yaml")


async def test_a_proposal_knows_its_own(world: World) -> None:
    """Made from its params, and part of what is shown; none where none is set."""
    bare = await world.shown()
    gate = replace(world.gate, admin_pages={"toggle_feature_flag": FLAGS})
    proposal = await replace(world, gate=gate).shown()

    assert "admin_page" not in bare.estimate
    assert FLAGS.format(flag_key=FLAG) == proposal.estimate["admin_page"]
