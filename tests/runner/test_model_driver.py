"""The step function: given this transcript, expect that action."""

import pytest

from runner.model_driver import (
    AskModel,
    CallRead,
    End,
    ModelAction,
    Propose,
    TakeOver,
    Tell,
    cut_short,
    next_action,
)
from runner.model_transcript import Done, Failed, ModelTranscript, Told
from runner.transcript import Asked, Refused
from tests.runner.modelled import (
    DASHBOARD,
    MODEL,
    after,
    after_a_look,
    looked,
    proposal,
    report,
    said,
    session_with,
    use,
    views,
)
from wire.session import BudgetView

PROPOSED = Done("t2.1", "toggle_feature_flag", {}, Asked("x", "allow", "rule", ""))


def then(transcript: ModelTranscript, **changes: object) -> ModelAction:
    return next_action(session_with(**changes), views(), transcript)  # type: ignore[arg-type]


def told(action: ModelAction) -> Told:
    assert isinstance(action, Tell)
    return action.told


def turn(name: str, arguments: object, step: str = "t2") -> ModelTranscript:
    """Give a transcript whose second turn calls this."""
    return after_a_look(said(use(name, arguments, f"{step}.1"), step=step))


def test_it_begins_with_a_question() -> None:
    """Under the step of its number; all functions are open."""
    action = then(after())

    assert isinstance(action, AskModel)
    assert ("t1", "") == (action.step, action.only)


def test_a_read_is_called_under_its_use() -> None:
    """So that the gateway's journal knows it again; nulls are left out."""
    look = use("get_dashboard_snapshot", {**DASHBOARD, "window_seconds": None})
    action = then(after(said(look)))

    assert isinstance(action, CallRead)
    assert ("t1.1", DASHBOARD) == (action.use.id, action.params)


def test_a_write_is_proposed() -> None:
    """With its evidence."""
    action = then(turn("propose_toggle_feature_flag", proposal()))

    assert isinstance(action, Propose)
    assert ("toggle_feature_flag", "t2.1") == (action.draft.tool, action.draft.key)


@pytest.mark.parametrize(
    "name", ["toggle_feature_flag", "propose_trace_lookup", "revoke_session", "bash"]
)
def test_what_is_no_function_is_not_done(name: str) -> None:
    """Neither a write by its own name nor a tool of another agent."""
    answer = told(then(turn(name, {})))

    assert answer.is_fault
    assert f"no function is called {name}; there are" in answer.text


def test_a_near_repeat_is_answered_from_evidence() -> None:
    """Nothing is asked of the gateway."""
    again = {**DASHBOARD, "window_seconds": 600}
    answer = told(then(turn("get_dashboard_snapshot", again)))

    assert not answer.is_fault
    assert "This was read already: it is E1" in answer.text


def test_arguments_that_are_no_json_are_told() -> None:
    """As a fault that may be mended."""
    answer = told(then(turn("trace_lookup", "{")))

    assert ("t2.1", True) == (answer.use_id, answer.is_fault)


def test_one_wrong_turn_may_be_mended() -> None:
    """The next question is asked; a second wrong turn is the model's end."""
    fault = Told("t2.1", "no JSON", is_fault=True)
    once = turn("trace_lookup", "{").with_entry(fault)
    twice = once.with_entry(said(use("bash", {}, "t3.1"), step="t3")).with_entry(
        Told("t3.1", "no function is called bash", is_fault=True)
    )

    assert isinstance(then(once), AskModel)
    action = then(twice)
    assert isinstance(action, TakeOver)
    assert "it went wrong twice in a row: no function is called bash" in action.why


def test_params_that_the_gateway_refuses_are_a_fault_too() -> None:
    """One repair turn with its error."""
    refused = Refused("invalid_params", "params-schema", "trace_lookup: service")
    done = Done("t2.1", "trace_lookup", {}, refused)
    once = turn("trace_lookup", {}).with_entry(done)
    action = then(once)

    assert isinstance(action, AskModel)
    assert "trace_lookup: service" in str(action.messages[-1]["content"])


def test_plain_text_is_answered_and_counts() -> None:
    """It reaches nobody."""
    answer = told(then(after(said(content="All is well."))))

    assert ("", True) == (answer.use_id, answer.is_fault)


def test_the_last_turn_may_only_report() -> None:
    """So that spent turns end in an answer."""
    action = then(after_a_look(), model=MODEL.model_copy(update={"turns": 2}))

    assert isinstance(action, AskModel)
    assert "report" == action.only


def test_a_report_ends_the_run() -> None:
    """As the model words it."""
    action = then(turn("report", report()))

    assert isinstance(action, End)
    assert "Errors." == action.report.summary


def test_reads_past_the_budget_are_not_called() -> None:
    """The model is told, and reports what is known."""
    answer = told(
        then(
            turn("trace_lookup", {"service": "discourse"}),
            budget=BudgetView(tool_calls=1, seconds=60),
        )
    )

    assert "the 1 reads of this run are spent" in answer.text


def test_too_many_calls_in_a_turn_are_left_out() -> None:
    """Past the eighth each is told so."""
    uses = [use("trace_lookup", {}, f"t1.{number}") for number in range(1, 11)]
    answered = [Told(one.id, "x") for one in uses[:8]]
    answer = told(then(after(said(*uses), *answered)))

    assert ("t1.9", True) == (answer.use_id, answer.is_fault)


@pytest.mark.parametrize(
    "code", ["model_busy", "model_cut", "model_declined", "model_absent", "step_reused"]
)
def test_a_model_that_gives_nothing_leaves_it_to_the_playbook(code: str) -> None:
    """Whatever its name; the thread says why."""
    action = then(after_a_look(Failed("t2", code, "said so")))

    assert isinstance(action, TakeOver)
    assert f"{code.removeprefix('model_')}: said so" in action.why


def test_what_was_proposed_stands_without_the_model() -> None:
    """The playbook would propose it a second time."""
    transcript = turn("propose_toggle_feature_flag", proposal())
    action = then(
        transcript.with_entry(PROPOSED).with_entry(Failed("t3", "model_cut", "cut"))
    )

    assert isinstance(action, End)
    assert "what it proposed stands" in action.report.unknowns[0]


def test_a_spent_budget_ends_in_what_is_known() -> None:
    """A person has to look; before anything was read, the playbook does."""
    spent = Failed("t2", "model_budget_spent", "$0.05 of $0.05 of the task are spent")
    action = then(after_a_look(spent))
    at_once = then(after(spent))

    assert isinstance(action, End)
    assert "budget_spent" == action.report.outcome
    assert "get_dashboard_snapshot discourse-overview [E1]" in action.report.summary
    assert "$0.05 of $0.05" in action.report.unknowns[0]
    assert isinstance(at_once, TakeOver)


def test_time_that_is_spent_is_said() -> None:
    """As any other budget."""
    made = cut_short(after_a_look(looked("t2.1")), why="the time is over")

    assert "Stopped early: the time is over." == made.unknowns[0]


def test_the_same_transcript_gives_the_same_action() -> None:
    """A run that was killed asks the same question again, byte for byte."""
    transcript = after_a_look(looked("t2.1"))

    assert then(transcript) == then(transcript)
