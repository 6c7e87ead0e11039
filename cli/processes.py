"""The processes of the Procfile: settings in, plain constructors, run until SIGTERM."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import monotonic, time

import aiohttp
import structlog
import uvicorn
from prometheus_client import start_http_server
from redis.asyncio import Redis
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerts.sources import routable
from bot.courier import Courier
from bot.home_answers import HomeAnswers
from bot.links import Links
from bot.listeners.home import Home
from bot.outbound.client import OutboundClient
from bot.outbound.gate import Gate as OutboundGate
from bot.send_budget import SendBudget
from bot.settings import CourierSettings, WebSettings
from bot.slack_channel import SlackChannel
from bot.web import Rules, make_web
from cli.clock import utc_now
from cli.faults import fault_hook
from cli.policy_check import check_agents
from cli.policy_files import load_people, load_policy_folder, load_redaction
from cli.sealing import run_sealer
from cli.stopping import end_with_signals, until_stopped
from gateway.admin_page import check_pages
from gateway.agents import load_agents
from gateway.assembly import assemble
from gateway.client import GatewayClient
from gateway.connector_config import load_connectors
from gateway.forgetting import keep_forgetting
from gateway.gate import Gate
from gateway.limits import ReadLimits
from gateway.model_assembly import assemble_model
from gateway.model_catalog import check_models
from gateway.model_meter import ModelMeter
from gateway.peer import protocol_for
from gateway.records import StoredRecords
from gateway.server import control_app, runner_app
from gateway.settings import GatewaySettings, connector_secrets
from gateway.tokens import Signer, Verifier
from gateway.tools.catalog import all_tools
from orchestrator import sweeper
from orchestrator.freezing import freezable
from orchestrator.launch import HostOptions, Sandboxes
from orchestrator.planned import Review
from orchestrator.routing import LiveRoutes, Routes, load_routes
from orchestrator.settings import WorkerSettings
from orchestrator.timers import Timers
from orchestrator.worker import Worker
from policy.tool_spec import ToolSpec
from storage import decisions, directory
from storage.database import Database, connect
from storage.doorbell import Bell, listening
from storage.steps import Step

ROOT = Path(__file__).resolve().parent.parent
RUNNER_SOCKET = "runner.sock"
CONTROL_SOCKET = "control.sock"
_SLACK_TIMEOUT_SECONDS = 10
_SEAL_POLL_SECONDS = 1.0


class WrongEnvironment(Exception):
    """Worker and gateway serve different environments: nothing would be done."""


async def check_environment(gateway: GatewayClient, environment: str) -> None:
    """
    Hold a worker's environment against that of its gateway.

    Raises:
        WrongEnvironment: they differ.
    """
    served = await gateway.environment()
    if served != environment:
        raise WrongEnvironment(
            f"this worker is of {environment}, the gateway behind its socket serves "
            f"{served}; set GATEWAY_ENVIRONMENT alike for both"
        )


async def run_web() -> None:
    settings = WebSettings()
    agents = load_agents(settings.agents_folder)
    specs = all_tools().specs

    def load() -> Routes:
        return load_routes(settings.routes_file, agents, sources=routable())

    rules = Rules(
        routes=LiveRoutes(load, load()),
        people=load_people(settings.policy_folder, specs),
        names=freezable(specs),
        redaction=load_redaction(settings.policy_folder),
    )
    async with (
        _database(settings.database_url) as database,
        slack_client(settings) as client,
        listening(settings.database_url, Bell.outbox) as bell,
    ):
        home = Home(database, rules.people, Links(client, monotonic))
        answers = HomeAnswers(database, client, home)
        changed = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGHUP, _reload, rules.routes, changed
        )
        web = make_web(settings, database, rules, client)
        server = uvicorn.Server(
            uvicorn.Config(
                web.app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )
        end_with_signals(server)
        async with asyncio.TaskGroup() as group:
            review = Review(database, rules.routes, changed)
            reviewing = group.create_task(review.run())
            answering = group.create_task(answers.run(bell))
            async with web.sockets.listening() if web.sockets else nullcontext():
                await server.serve()
            reviewing.cancel()
            answering.cancel()


def _reload(routes: LiveRoutes, changed: asyncio.Event) -> None:
    """Take up a changed ``routes.yaml``; ``/readyz`` and a metric tell a broken one."""
    if routes.reload():
        changed.set()
        structlog.get_logger().info("routes.reloaded", routes=len(routes.now.routes))
    else:
        structlog.get_logger().error("routes.refused", error=routes.error)


async def run_gateway() -> None:
    """Serve both sockets; they belong to this user alone."""
    settings = GatewaySettings()
    registry = all_tools()
    policy, texts = load_policy_folder(settings.policy_folder, registry.specs)
    names = [spec.name for spec in registry.specs]
    agents = check_agents(settings.agents_folder, names)
    folder = settings.socket_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with (
        _redis(settings.redis_url) as redis,
        _database(settings.database_url) as database,
        assemble(settings, connector_secrets(os.environ)) as outside,  # noqa: TID251
        assemble_model(settings) as models,
    ):
        if models is not None:
            check_models(models.file, agents.values(), path=settings.models_file)
            _serve_metrics(settings.metrics_port, models.meter)
        ports = replace(outside, records=StoredRecords(database))
        gate = Gate(
            database=database,
            policy=policy,
            registry=registry,
            agents=agents,
            ports=ports,
            environment=settings.environment,
            verifier=Verifier(settings.token_public_key),
            vault_key=settings.vault_key,
            pseudonym_key=settings.pseudonym_key,
            reveal_key=settings.reveal_key,
            lab_only=settings.lab_only,
            admin_pages=_admin_pages(settings, registry.specs),
            read_limits=ReadLimits(
                redis,
                calls_per_minute=settings.reads_per_minute,
                tool_calls_per_minute=settings.tool_reads_per_minute,
            ),
            models=models,
        )
        await _keep_bundle(database, settings.environment, policy.bundle_hash, texts)
        await _serve_sockets(gate, folder)


def _admin_pages(
    settings: GatewaySettings, tools: tuple[ToolSpec, ...]
) -> Mapping[str, str]:
    path = settings.connectors_file
    if path is None:
        return {}
    pages = load_connectors(path).admin_pages
    check_pages(pages, tools, path=path)
    return pages


def _serve_metrics(port: int | None, meter: ModelMeter) -> None:
    if port is not None:
        start_http_server(port, addr="127.0.0.1", registry=meter.registry)


async def run_worker() -> None:
    settings = WorkerSettings()
    runner_socket = settings.socket_folder / RUNNER_SOCKET
    control_socket = settings.socket_folder / CONTROL_SOCKET
    signer = Signer(settings.token_private_key)
    sandboxes = Sandboxes(
        HostOptions(
            script=ROOT / "runner" / "zygote.py",
            python=sys.executable,
            provider=settings.sandbox,
            warm_sockets=(str(runner_socket),),
            forbidden_sockets=(str(control_socket),),
        )
    )
    async with _database(settings.database_url) as database:
        gateway = GatewayClient(str(control_socket), signer, utc_now)
        timers = Timers(
            settings.redis_url,
            wake=lambda due: sweeper.handle(database, due),
            sweep=lambda: sweeper.sweep(database),
        )
        await _until(gateway.is_up, "gateway")
        await check_environment(gateway, settings.environment)
        tested = await sandboxes.start()
        structlog.get_logger().info(
            "sandbox.ready", provider=sandboxes.provider, rejected=tested.rejected
        )
        worker = Worker(
            name=_name("worker"),
            environment=settings.environment,
            database=database,
            gateway=gateway,
            sandboxes=sandboxes,
            signer=signer,
            agents=load_agents(settings.agents_folder),
            runner_socket=runner_socket,
            timers=timers,
            lease_seconds=settings.lease_seconds,
        )
        try:
            async with (
                listening(settings.database_url, Bell.tasks) as tasks,
                listening(settings.database_url, Bell.inbox) as clicks,
            ):
                await until_stopped(worker.run(tasks, clicks))
        finally:
            await sandboxes.stop()
            await timers.close()
            await gateway.close()


async def run_courier() -> None:
    settings = CourierSettings()
    async with (
        _database(settings.database_url) as database,
        slack_client(settings) as client,
        listening(settings.database_url, Bell.outbox) as bell,
        _redis(settings.redis_url) as redis,
    ):
        budget = SendBudget(
            redis,
            workspace=sha256(settings.slack_bot_token.encode()).hexdigest()[:16],
            clock=time,
            rate=settings.slack_rate,
        )
        courier = Courier(
            _name("courier"),
            database,
            SlackChannel(client),
            Links(client, monotonic),
            settings.reveal_key,
            budget,
            settings.lease_seconds,
        )
        await until_stopped(courier.run(bell))


PROCESSES: dict[str, Callable[[], Coroutine[object, object, None]]] = {
    "web": run_web,
    "gateway": run_gateway,
    "worker": run_worker,
    "courier": run_courier,
    "sealer": run_sealer,
}


async def _serve_sockets(gate: Gate, folder: Path) -> None:
    """Run both servers in one loop; a signal stops both."""
    protocol = protocol_for(os.getuid())
    servers = []
    for name, app in (
        (RUNNER_SOCKET, runner_app(gate)),
        (CONTROL_SOCKET, control_app(gate)),
    ):
        path = folder / name
        path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.bind(str(path))
        path.chmod(0o600)
        config = uvicorn.Config(
            app,
            http=protocol,
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
            lifespan="off",
        )
        servers.append((uvicorn.Server(config), bound))
    async with asyncio.TaskGroup() as group:
        forgetting = group.create_task(keep_forgetting(gate))
        serving = [
            group.create_task(server.serve(sockets=[bound]))
            for server, bound in servers
        ]
        await asyncio.wait(serving)
        forgetting.cancel()


async def _keep_bundle(
    database: Database, environment: str, bundle_hash: str, texts: dict[str, str]
) -> None:
    """Store the policy's texts under their hash, so that decisions can be replayed."""
    async with database.dispatch(Step.set_up) as tx:
        scopes = await directory.list_scopes(tx)
    for scope in scopes:
        if scope.environment == environment:
            async with database.transaction(scope, Step.set_up) as tx:
                await decisions.keep_bundle(tx, bundle_hash, texts)


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    database = connect(url, utc_now, faults=fault_hook())
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _redis(url: str) -> AsyncIterator[Redis | None]:
    """Give Redis where one is named; whoever holds it goes on without."""
    if not url:
        yield None
        return
    redis = Redis.from_url(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def slack_client(
    settings: WebSettings | CourierSettings,
) -> AsyncIterator[OutboundClient]:
    """Give a process its client: behind the gate, with one session for all calls."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=settings.slack_bot_token,
            base_url=settings.slack_api_url,
            session=session,
            timeout=_SLACK_TIMEOUT_SECONDS,
            # The client's own retry would post a second time after a cut connection.
            retry_handlers=[],
        )
        yield OutboundClient(client, OutboundGate(strict=settings.outbound_strict))


async def _until(check: Callable[[], Awaitable[bool]], what: str) -> None:
    said = False
    while not await check():
        if not said:
            structlog.get_logger().info("waiting", what=what)
            said = True
        await asyncio.sleep(0.1)


def _name(process: str) -> str:
    return f"{process} {socket.gethostname()} {os.getpid()}"
