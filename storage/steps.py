"""
The name of each transaction and effect of the job.

A process that is killed dies before or after one of these; so each name is two fault
points (``before:…``, ``after:…``), which the chaos tests visit one by one.
"""

from enum import StrEnum


class Step(StrEnum):
    # bot
    receive_alerts = "receive_alerts"
    refuse_delivery = "refuse_delivery"
    note_visit = "note_visit"
    store_click = "store_click"
    open_by_person = "open_by_person"
    read_view = "read_view"
    freeze = "freeze"
    # orchestrator
    claim_task = "claim_task"
    heartbeat = "heartbeat"
    finish_run = "finish_run"
    claim_inbox = "claim_inbox"
    settle_inbox = "settle_inbox"
    sweep = "sweep"
    seal = "seal"
    sign_checkpoint = "sign_checkpoint"
    note_anchor = "note_anchor"
    relay = "relay"
    # gateway
    read_session = "read_session"
    begin_call = "begin_call"
    finish_call = "finish_call"
    begin_model_call = "begin_model_call"
    finish_model_call = "finish_model_call"
    propose = "propose"
    report_run = "report_run"
    decide = "decide"
    execution_intent = "execution_intent"
    execution_outcome = "execution_outcome"
    execution_verified = "execution_verified"
    reversion_intent = "reversion_intent"
    reversion_outcome = "reversion_outcome"
    reversion_verified = "reversion_verified"
    page_begun = "page_begun"
    page_settled = "page_settled"
    # courier
    claim_thread = "claim_thread"
    message_intent = "message_intent"
    message_sent = "message_sent"
    release_thread = "release_thread"
    # start and repair
    set_up = "set_up"
    look = "look"


class Effect(StrEnum):
    """What touches the outside: bracketed by two transactions each."""

    tool_read = "tool_read"
    model_call = "model_call"
    tool_write = "tool_write"
    tool_revert = "tool_revert"
    slack_send = "slack_send"
    page_send = "page_send"
    spawn_sandbox = "spawn_sandbox"
    publish_event = "publish_event"
    write_anchor = "write_anchor"
