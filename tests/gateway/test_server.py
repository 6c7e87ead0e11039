"""The two doors, through ASGI: who may call what, and how a refusal looks."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.registry import Registry, Settled
from gateway.tokens import Signer, new_key_pair
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.waiting import MOST_WAITS
from policy.scope import Scope
from tests.gateway.expiring import due, expiring, linked, reversion_of
from tests.gateway.world import DASHBOARD, World, bearer, draft
from wire.tools import Refusal

RUNNER_ROUTES = [
    ("GET", "/v1/session"),
    ("GET", "/v1/tools"),
    ("POST", f"/v1/tools/{DASHBOARD}"),
    ("POST", "/v1/proposals"),
    ("POST", "/v1/runs/00000000-0000-7000-8000-000000000000/finish"),
]
CONTROL_ROUTES = [("POST", "/v1/approvals"), ("POST", "/v1/executions")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture
async def runner(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.runner_door() as client:
        yield client


@pytest.fixture
async def control(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.control_door() as client:
        yield client


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    said = Refusal.model_validate_json(answer.content)
    return answer.status_code, said.code, said.rule


@pytest.mark.parametrize(("method", "path"), RUNNER_ROUTES)
async def test_a_runners_door_needs_a_runs_token(
    world: World, runner: httpx.AsyncClient, method: str, path: str
) -> None:
    """No token, another scheme and the worker's token are 401 on every route."""
    wrong = [{}, {"Authorization": "Basic abc"}, bearer(world.control_token())]
    answers = [await runner.request(method, path, headers=one) for one in wrong]

    assert [(401, "bad_token", "token")] * 3 == [refusal(one) for one in answers]


@pytest.mark.parametrize(("method", "path"), CONTROL_ROUTES)
async def test_the_workers_door_needs_the_workers_token(
    world: World, control: httpx.AsyncClient, method: str, path: str
) -> None:
    """A run's token opens neither approvals nor executions."""
    run = bearer(world.token(await world.start()))
    answers = [await control.request(method, path, headers=one) for one in ({}, run)]

    assert [(401, "bad_token", "token")] * 2 == [refusal(one) for one in answers]


async def test_a_foreign_and_a_late_token_are_401(
    world: World, runner: httpx.AsyncClient
) -> None:
    """Another key's token and one that is over are refused alike."""
    claims = await world.start()
    foreign = Signer(new_key_pair()[0])
    now = world.real_now()
    tokens = [
        foreign.sign_run(claims, now=now, seconds=60),
        world.keys.signer.sign_run(claims, now=now - timedelta(hours=1), seconds=60),
    ]
    answers = [await runner.get("/v1/session", headers=bearer(t)) for t in tokens]

    assert [401, 401] == [one.status_code for one in answers]


@pytest.mark.parametrize(("method", "path"), CONTROL_ROUTES)
async def test_no_control_route_at_the_runners_door(
    world: World, runner: httpx.AsyncClient, method: str, path: str
) -> None:
    """The control routes do not exist behind ``runner.sock``."""
    answer = await runner.request(method, path, headers=bearer(world.control_token()))

    assert 404 == answer.status_code


@pytest.mark.parametrize(("method", "path"), RUNNER_ROUTES)
async def test_no_runner_route_at_the_workers_door(
    world: World, control: httpx.AsyncClient, method: str, path: str
) -> None:
    """The runner's routes do not exist behind ``control.sock``."""
    answer = await control.request(method, path, headers=bearer(world.control_token()))

    assert 404 == answer.status_code


async def test_a_run_through_the_door(world: World, runner: httpx.AsyncClient) -> None:
    """Session, tools, a read, a proposal and the report are each answered."""
    claims = await world.start()
    runner.headers.update(bearer(world.token(claims)))
    call = {"step": "s", "params": {"dashboard_id": "discourse-overview"}}
    proposed = draft().model_dump(mode="json")
    answers = [
        await runner.get("/v1/session"),
        await runner.get("/v1/tools"),
        await runner.post(f"/v1/tools/{DASHBOARD}", json=call),
        await runner.post("/v1/proposals", json=proposed),
        await runner.post(
            f"/v1/runs/{claims.run_id}/finish", json={"outcome": "finished"}
        ),
    ]

    assert [200] * 5 == [one.status_code for one in answers]
    assert set(claims.tools) == {one["name"] for one in answers[1].json()}


async def test_a_token_finishes_its_own_run_alone(
    world: World, runner: httpx.AsyncClient
) -> None:
    """Another run's id in the path is refused."""
    headers = bearer(world.token(await world.start()))
    body = {"outcome": "finished"}
    answer = await runner.post(f"/v1/runs/{uuid4()}/finish", json=body, headers=headers)

    assert (403, "other_run", "token") == refusal(answer)


@pytest.mark.parametrize(("method", "path"), RUNNER_ROUTES[:3])
async def test_another_environments_token_is_refused(
    world: World, runner: httpx.AsyncClient, method: str, path: str
) -> None:
    """A run of dev finds nothing at the gateway of prod."""
    claims = await world.start()
    dev = replace(claims, scope=Scope(claims.scope.tenant_id, "dev"))
    answer = await runner.request(
        method, path, headers=bearer(world.token(dev)), json={"step": "s", "params": {}}
    )

    assert (403, "other_environment", "environment") == refusal(answer)


async def test_a_body_too_large_is_refused(
    world: World, runner: httpx.AsyncClient
) -> None:
    """More than 256 KiB is 413, declared or streamed, and is not read to its end."""
    headers = bearer(world.token(await world.start()))
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 65_536
            yield b" " * 65_536

    declared = await runner.post(
        "/v1/proposals", content=b" " * 300_000, headers=headers
    )
    streamed = await runner.post("/v1/proposals", content=chunks(), headers=headers)

    assert (413, "too_large", "body-limit") == refusal(declared) == refusal(streamed)
    assert sent < 1024 * 1024


async def test_a_body_with_an_unknown_field_is_refused(
    world: World, runner: httpx.AsyncClient
) -> None:
    """A typo on the wire is an error that names the field."""
    headers = bearer(world.token(await world.start()))
    answer = await runner.post(
        f"/v1/tools/{DASHBOARD}", json={"stepp": "s", "params": {}}, headers=headers
    )

    assert (422, "invalid_body", "wire") == refusal(answer)
    assert "step" in answer.json()["message"]


@given(step=st.text(max_size=9), params=st.dictionaries(st.text(), JSON, max_size=3))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_params_break_the_door(
    world: World, step: str, params: dict[str, object]
) -> None:
    """Whatever a runner sends as params, the answer is a refusal and never a 500."""
    headers = bearer(world.token(await world.start()))
    proposed = {**draft().model_dump(), "key": step, "params": params}
    async with world.runner_door() as client:
        answers = [
            await client.post(path, content=json.dumps(body), headers=headers)
            for path, body in (
                (f"/v1/tools/{DASHBOARD}", {"step": step, "params": params}),
                ("/v1/proposals", proposed),
            )
        ]

    assert all(400 <= one.status_code < 500 for one in answers), answers


@pytest.mark.parametrize("path", ["/v1/tools/a%00b", f"/v1/tools/{DASHBOARD}"])
@pytest.mark.parametrize("text", ["a\0b", "\0"])
async def test_nul_is_refused_and_logged_where_it_can_be(
    world: World, runner: httpx.AsyncClient, path: str, text: str
) -> None:
    """No text with U+0000 reaches the database."""
    headers = bearer(world.token(await world.start()))
    bodies = [{"step": text, "params": {}}, {"step": "s", "params": {text: 1}}]
    answers = [
        await runner.post(path, json=body, headers=headers)
        for body in (*bodies, {"step": "s", "params": {}})
    ]

    assert {404, 422} >= {one.status_code for one in answers}


async def test_an_escaped_backslash_is_no_nul(
    world: World, runner: httpx.AsyncClient
) -> None:
    """A log line that spells the escape out is text like any other."""
    claims = await world.start()
    report = {"outcome": "finished", "summary": "the log said \\u0000 twice"}
    answer = await runner.post(
        f"/v1/runs/{claims.run_id}/finish",
        json=report,
        headers=bearer(world.token(claims)),
    )

    assert 200 == answer.status_code


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/approvals", "proposal_id"),
        ("/v1/executions", "task_id"),
        ("/v1/reversions", "reversion_id"),
        ("/v1/pages", "post_id"),
    ],
)
@pytest.mark.parametrize("wrong", ["", "p-1", "0192" * 9, 7])
async def test_an_id_that_is_none_is_named(
    world: World, control: httpx.AsyncClient, path: str, named: str, wrong: object
) -> None:
    """A bug in a worker is a 422 that names the field, and no fault of the gateway."""
    of = {} if named == "proposal_id" else {"tenant_id": "t", "environment": "prod"}
    answer = await control.post(
        path, json={**of, named: wrong}, headers=bearer(world.control_token())
    )

    assert (422, "invalid_body", "wire") == refusal(answer)
    assert answer.json()["message"].startswith(f"{named}: ")


async def test_health_names_environment_and_bundle(
    world: World, control: httpx.AsyncClient
) -> None:
    """The worker asks without a token whether the gateway is up."""
    answer = await control.get("/healthz")

    assert {
        "environment": "prod",
        "bundle": world.gate.policy.bundle_hash,
        "lab_only": False,
    } == answer.json()


@pytest.mark.parametrize("fault", [ZeroDivisionError(), KeyError("x")], ids=repr)
async def test_a_reversion_that_our_fault_stops_ends_with_a_person(
    world: World, fault: Exception
) -> None:
    """Each fault is answered as one, counted, and told after ten minutes in vain."""
    token = world.control_token()  # before the world's clock moves
    world = expiring(world)
    proposal = await due(world)

    def stumble(*_: object) -> Settled:
        raise fault

    tool = replace(world.gate.registry.write("toggle_feature_flag"), reconcile=stumble)
    registry = Registry((GET_DASHBOARD_SNAPSHOT, tool))
    broken = replace(world, gate=replace(world.gate, registry=registry))
    found = await reversion_of(world, proposal)
    asked = {
        "tenant_id": world.scope.tenant_id,
        "environment": world.scope.environment,
        "reversion_id": str(found.id),
    }
    answers = []
    with capture_logs() as logs:
        async with broken.control_door() as control:
            for _ in range(MOST_WAITS + 1):
                answers.append(
                    await control.post(
                        "/v1/reversions",
                        json=asked,
                        headers=bearer(token),
                    )
                )
                await world.database_change(
                    "UPDATE reversions SET next_try_at = due_at WHERE id = :id",
                    id=found.id,
                )
    kept = await reversion_of(world, proposal)

    assert {500} == {one.status_code for one in answers}
    assert "gateway.error" in {one["event"] for one in logs}
    assert ("failed", True) == (kept.state, type(fault).__name__ in kept.reason)
    assert ["escalated_to_human"] == await linked(world, proposal)


async def test_each_refusal_is_logged_without_what_was_sent(
    runner: httpx.AsyncClient,
) -> None:
    """Those too that come before any task is known."""
    with capture_logs() as logs:
        await runner.get("/v1/session", headers=bearer("a-forged-token"))
    [told] = [one for one in logs if one["event"] == "gateway.refused"]

    assert ("/v1/session", 401, "bad_token") == (
        told["path"],
        told["status"],
        told["code"],
    )
    assert "forged" not in str(logs)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/a-secret-path", 404), ("DELETE", "/v1/session", 405)],
)
async def test_what_no_route_takes_is_refused_and_logged(
    runner: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    """Typed, as any other refusal; the path is the caller's word and is not logged."""
    with capture_logs() as logs:
        answer = await runner.request(method, path)
    [told] = [one for one in logs if one["event"] == "gateway.refused"]

    assert (status, "no_route") == (answer.status_code, answer.json()["code"])
    assert (status, "none") == (told["status"], told["path"])
    assert "secret" not in str(logs)


async def test_a_refusal_is_logged_under_its_routes_path(
    runner: httpx.AsyncClient,
) -> None:
    """What the caller put in a path's place is not told."""
    with capture_logs() as logs:
        await runner.post("/v1/runs/ann@example.org/finish", headers=bearer("forged"))
    [told] = [one for one in logs if one["event"] == "gateway.refused"]

    assert "/v1/runs/{run}/finish" == told["path"]
    assert "ann@" not in str(logs)


@pytest.mark.parametrize("number", ["NaN", "1e400", "99999999999999999999"])
async def test_no_number_passes_beside_a_placeholder(
    world: World, runner: httpx.AsyncClient, number: str
) -> None:
    """What no digest can be made of is a typed refusal."""
    claims = await world.start()
    body = (
        '{"step": "s", "params": {"dashboard_id": "\u27e8user:1\u27e9",'
        f' "window_seconds": {number}}}}}'
    )
    answer = await runner.post(
        "/v1/tools/get_dashboard_snapshot",
        content=body,
        headers=bearer(world.token(claims)),
    )

    assert (422, "invalid_body") == (answer.status_code, answer.json()["code"])
