"""Slack's signed deliveries: `/ops help`, and a click on Approve."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode

from bench.load import Requests, post
from bot.blocks.card_actions import APPROVE
from cli.local_world import CHANNEL, TEAM

SECRET = "of-the-bench"  # noqa: S105 - signs what loopback sees
_PATH = "/slack/events"
_USER = "U0OPERATOR"


def commands() -> Requests:
    """Ask for help: an answer without a side effect."""
    form = {
        "command": "/ops",
        "text": "help",
        "team_id": TEAM,
        "user_id": _USER,
        "channel_id": CHANNEL,
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:9/response",
    }
    body = urlencode(form).encode()
    return lambda _number: (_signed(body) for _ in count())


def forged() -> Requests:
    """Send a click of Slack's size under another's signature."""
    click = _click("none", 0)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": str(int(time.time())),
        "x-slack-signature": f"v0={'0' * 64}",
    }
    request = post(_PATH, click, headers)
    return lambda _number: (request for _ in count())


def clicks(value: str) -> Requests:
    """Click on Approve, each click another; about 2.5 kB as Slack's are."""
    numbers = count()

    def of_connection(_number: int) -> Iterator[bytes]:
        while True:
            yield _signed(_click(value, next(numbers)))

    return of_connection


def _click(value: str, number: int) -> bytes:
    at = f"1790000000.{number:06}"
    message = {
        "type": "message",
        "ts": "1790000000.000100",
        "text": "Turn `new_ranker` off for discourse",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "words " * 50}}
            for _ in range(5)
        ],
    }
    click = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": _USER, "username": "operator", "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "trigger_id": f"1.2.{number}",
        "response_url": "http://127.0.0.1:9/response",
        "container": {
            "type": "message",
            "message_ts": "1790000000.000100",
            "channel_id": CHANNEL,
        },
        "channel": {"id": CHANNEL, "name": "reliability"},
        "message": message,
        "actions": [
            {
                "type": "button",
                "action_id": APPROVE,
                "block_id": "actions",
                "value": value,
                "action_ts": at,
            }
        ],
    }
    return urlencode({"payload": json.dumps(click)}).encode()


def _signed(body: bytes) -> bytes:
    stamp = str(int(time.time()))
    basis = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(SECRET.encode(), basis, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }
    return post(_PATH, body, headers)
