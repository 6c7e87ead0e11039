"""The order within a case: each thing that an action stands on comes before it."""

from collections.abc import Mapping

import pytest

from audit.cases import Cases, Disorder
from tests.audit.book import (
    DIGEST,
    EXECUTION,
    PROPOSAL,
    STEPS,
    TASK,
    Body,
    Book,
    records,
)

OTHER = "018f3c4e-0000-7000-8000-0000000000ff"


def take(*steps: tuple[str, Body], task: str = TASK) -> Cases:
    book, cases = Book(), Cases()
    for event, body in steps:
        book.say(event, body, task)
    for record in records(book):
        cases.take(record)
    return cases


def step(event: str) -> tuple[str, Body]:
    return next(one for one in STEPS if one[0] == event)


def changed(event: str, change: Mapping[str, object]) -> list[tuple[str, Body]]:
    """Give the steps with one saying something else."""
    return [
        (name, {**body, **change} if name == event else body) for name, body in STEPS
    ]


def test_a_whole_case_is_in_order() -> None:
    assert 0 == take(*STEPS).under_way


def test_what_has_begun_is_under_way_until_its_outcome() -> None:
    assert [0, 1, 0] == [take(*STEPS[:count]).under_way for count in (4, 5, 6)]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("task.created", "never opened"),
        ("task.evidence_attached", "never attached"),
        ("task.proposed_action", "was never made"),
        ("task.approved", "nobody approved"),
        ("task.execution_begun", "never began"),
        ("task.executed", "before it had an outcome"),
    ],
)
def test_no_step_may_be_missing(missing: str, said: str) -> None:
    with pytest.raises(Disorder, match=said):
        take(*(one for one in STEPS if one[0] != missing))


@pytest.mark.parametrize(
    "late",
    ["task.created", "task.evidence_attached", "task.proposed_action", "task.approved"],
)
def test_no_step_may_come_after_its_action(late: str) -> None:
    rest = [one for one in STEPS if one[0] != late]

    with pytest.raises(Disorder):
        take(*rest[:4], step(late), *rest[4:])


@pytest.mark.parametrize(
    ("event", "change", "said"),
    [
        ("task.approved", {"digest": "cd" * 32}, "which was shown"),
        ("task.execution_begun", {"digest": "cd" * 32}, "which was shown"),
        ("task.approved", {"proposal": OTHER}, "was never made"),
        ("task.approved", {"people": []}, "by nobody"),
        ("task.approved", {"approval": None}, "by nobody"),
        ("task.executed", {"execution": OTHER}, "never began"),
        ("task.proposed_action", {"evidence": [OTHER]}, "never attached"),
        ("task.proposed_action", {"rule": ""}, "no rule"),
        ("task.proposed_action", {"decision": ""}, "no decision"),
        ("task.execution_begun", {"rule": ""}, "no rule"),
        ("task.execution_begun", {"execution": None}, "no execution"),
    ],
)
def test_each_step_must_match(
    event: str, change: Mapping[str, object], said: str
) -> None:
    """Another digest, proposal or execution, and what names nobody, is found."""
    with pytest.raises(Disorder, match=said):
        take(*changed(event, change))


def test_a_rule_may_stand_for_an_approval() -> None:
    """Where policy allowed it at once, its proposal says so."""
    steps = changed("task.proposed_action", {"state": "approved"})

    assert 0 == take(*(one for one in steps if one[0] != "task.approved")).under_way


@pytest.mark.parametrize("state", ["rejected", "expired", "superseded", "withdrawn"])
def test_what_was_closed_does_not_begin(state: str) -> None:
    closed = ("task.proposal_closed", {"proposal": PROPOSAL, "state": state})

    with pytest.raises(Disorder, match=f"{state} before"):
        take(*STEPS[:4], closed, STEPS[4])


def test_a_second_execution_waits_for_the_firsts_outcome() -> None:
    with pytest.raises(Disorder, match="has no outcome yet"):
        take(*STEPS[:5], STEPS[4])


def test_a_try_that_was_not_sent_may_be_followed() -> None:
    """Refused at the connector, tried again under the same approval."""
    refused = ("task.execution_refused", {"proposal": PROPOSAL, "execution": EXECUTION})

    assert 0 == take(*STEPS[:5], refused, *STEPS[4:]).under_way


def test_a_refusal_before_it_began_needs_no_execution() -> None:
    refused = ("task.execution_refused", {"proposal": PROPOSAL, "rule": "frozen"})

    assert 0 == take(*STEPS[:4], refused, *STEPS[4:]).under_way


@pytest.mark.parametrize("event", ["task.given_up", "task.attested"])
def test_a_word_ends_what_nobody_can_tell(event: str) -> None:
    assert 0 == take(*STEPS[:5], (event, {"proposal": PROPOSAL})).under_way


def test_an_approval_in_another_task_counts_for_nothing() -> None:
    """The card was shown in one thread; a click elsewhere is no approval of it."""
    book, cases = Book(), Cases()
    for event, body in STEPS[:3]:
        book.say(event, body)
    book.say("task.created", {}, OTHER)
    book.say("task.approved", STEPS[3][1], OTHER)

    *before, approval = records(book)
    for record in before:
        cases.take(record)

    with pytest.raises(Disorder, match=f"of task {TASK}"):
        cases.take(approval)


def test_a_reversion_takes_back_what_was_executed() -> None:
    revert = ("task.reversion_begun", {"proposal": PROPOSAL, "execution": OTHER})
    outcome = ("task.executed", {"proposal": PROPOSAL, "execution": OTHER})

    assert 0 == take(*STEPS, revert, outcome).under_way
    with pytest.raises(Disorder, match="never executed"):
        take(*STEPS[:4], revert)


def test_a_body_that_says_nothing_is_found() -> None:
    with pytest.raises(Disorder, match="has no proposal"):
        take(("task.approved", {"digest": DIGEST}))


ASKED: Body = {
    "proposal": PROPOSAL,
    "digest": "cd" * 32,
    "decision": OTHER,
    "rule": "default",
    "voided": ["operator"],
}


def asked_anew(*, approved_again: bool) -> list[tuple[str, Body]]:
    """Give the steps with the card sent back once it was approved."""
    steps: list[tuple[str, Body]] = []
    for event, body in STEPS:
        anew = {**body, "digest": "cd" * 32}
        steps.append((event, anew if event == "task.execution_begun" else body))
        if event == "task.approved":
            steps.append(("task.asked_anew", ASKED))
            steps += [(event, anew)] if approved_again else []
    return steps


def test_what_is_asked_anew_is_approved_anew() -> None:
    """Under the digest that is shown then: what allowed it before does no more."""
    assert 0 == take(*asked_anew(approved_again=True)).under_way
    with pytest.raises(Disorder, match="nobody approved"):
        take(*asked_anew(approved_again=False))


def test_nothing_is_asked_anew_while_it_runs() -> None:
    """It may have had its effect by then."""
    begun = [*STEPS[:5], ("task.asked_anew", ASKED)]

    with pytest.raises(Disorder, match="runs"):
        take(*begun)


def of_two(event: str, *people: str) -> list[tuple[str, Body]]:
    """Give the steps of an action that ``event`` says needs two."""
    needs_two = {"proposal": PROPOSAL, "quorum": 2}
    steps = changed("task.approved", {"people": list(people)})
    if event == "task.proposed_action":
        return [
            (name, {**body, "quorum": 2} if name == event else body)
            for name, body in steps
        ]
    before = [one for one in steps if one[0] != "task.approved"]
    at = before.index(step("task.proposed_action")) + 1
    approved = next(one for one in steps if one[0] == "task.approved")
    return [*before[:at], (event, needs_two), approved, *before[at:]]


@pytest.mark.parametrize("event", ["task.proposed_action", "task.quorum_raised"])
def test_an_approval_names_as_many_as_it_needs(event: str) -> None:
    """Different ones; whoever says it twice is one."""
    assert 0 == take(*of_two(event, "operator", "second")).under_way
    for people in (("operator",), ("operator", "operator")):
        with pytest.raises(Disorder, match="1 of 2 people"):
            take(*of_two(event, *people))


def test_a_quorum_may_be_restored() -> None:
    """To the rule's own, once the one whose vote came unread has looked."""
    steps = of_two("task.quorum_raised", "operator")
    at = next(n for n, one in enumerate(steps) if one[0] == "task.quorum_raised")
    restored = ("task.quorum_restored", {"proposal": PROPOSAL, "quorum": 1})
    steps = [*steps[: at + 1], restored, *steps[at + 1 :]]

    assert 0 == take(*steps).under_way


def test_a_quorum_is_a_number() -> None:
    with pytest.raises(Disorder, match="no number"):
        take(*changed("task.proposed_action", {"quorum": "two"}))
