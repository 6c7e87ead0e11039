"""Who operates, what roles they hold, and who may approve what."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from policy.errors import PolicyError
from policy.fatigue import MOST_LOOKED_AT, Fatigue
from policy.grant import GrantTerms
from policy.pattern import ANY, Pattern, tool_words
from policy.person import Person
from policy.tool_spec import ToolCategory, ToolSpec
from policy.yaml_text import lines_of, parse_yaml


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """
    Who may approve the calls of ``pattern``, how many of them, and for how long.

    Who holds one of ``next_roles`` may too, once those of ``roles`` left it unanswered.
    ``grant``: an approver may let the same run by itself for a while; None: never.
    ``fatigue``: whose votes come unread need another one; None: nobody is measured.
    """

    id: str
    pattern: Pattern
    roles: tuple[str, ...]
    quorum: int
    expires_in_seconds: int
    requester_may_approve: bool
    next_roles: tuple[str, ...] = ()
    grant: GrantTerms | None = None
    fatigue: Fatigue | None = None

    def roles_now(self, *, escalated: bool) -> tuple[str, ...]:
        """Give the roles that may approve, before or after it went to the next."""
        return (*self.roles, *self.next_roles) if escalated else self.roles


@dataclass(frozen=True, slots=True)
class People:
    """
    ``approvals`` are in order of precedence: the first that matches decides.

    ``freezers`` and ``thawers`` are the roles of the kill switch, ``revealers`` those
    that may see what stands behind a card's placeholders; none, if nobody may.
    ``others`` is what people without a role may do: ``read``, ``open``.
    """

    people: tuple[Person, ...]
    approvals: tuple[ApprovalRule, ...]
    freezers: frozenset[str] = frozenset()
    thawers: frozenset[str] = frozenset()
    revealers: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def may(self, person: Person | None, what: str) -> bool:
        """
        Tell whether somebody may ``read``, ``open`` or ``act`` at all.

        Who has a role may; what they may decide is asked of policy each time. ``None``
        is somebody whom ``people.yaml`` does not name.
        """
        if person is not None and person.roles:
            return True
        return what in self.others

    def may_freeze(self, person: Person) -> bool:
        """Tell whether this person may stop writes."""
        return not person.roles.isdisjoint(self.freezers)

    def may_thaw(self, person: Person) -> bool:
        """Tell whether this person may let writes go on."""
        return not person.roles.isdisjoint(self.thawers)

    def may_reveal(self, person: Person) -> bool:
        """Tell whether this person may see personal values, for their eyes alone."""
        return not person.roles.isdisjoint(self.revealers)

    def find(self, person_id: str) -> Person | None:
        return next((one for one in self.people if one.id == person_id), None)

    def find_by_slack(self, user: str) -> Person | None:
        """``user`` is the id that Slack signs (``U…``)."""
        return next((one for one in self.people if one.slack_user == user), None)

    def raise_quorum(
        self, rule: ApprovalRule, quorum: int, *, requester: str, escalated: bool
    ) -> int:
        """Give one more than ``quorum``, or as many as may approve now."""
        roles = rule.roles_now(escalated=escalated)
        may = sum(
            not one.roles.isdisjoint(roles)
            and (rule.requester_may_approve or one.id != requester)
            for one in self.people
        )
        return max(quorum, min(quorum + 1, may))

    def slack_users(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Give the Slack ids of all who hold one of these roles."""
        held = (one for one in self.people if not one.roles.isdisjoint(roles))
        return tuple(one.slack_user for one in held)

    def approvers_for(
        self, tool: ToolSpec, *, kind: str, environment: str
    ) -> ApprovalRule | None:
        """Give the one rule that holds; None where nobody may approve."""
        for rule in self.approvals:
            if rule.pattern.matches(
                tool, kind=kind, environment=environment, tenant=ANY
            ):
                return rule
        return None


def parse_people(text: str, tools: tuple[ToolSpec, ...], *, path: str) -> People:
    """
    Compile ``people.yaml``.

    Raises:
        PolicyError: a malformed row, an unknown role or tool, something said twice, or
            a quorum that nobody can reach, or a next role that nobody holds.
    """
    document = parse_yaml(text, _Document, path=path)
    _check_people(document, lines_of(text, "people"), path=path)
    _check_approvals(
        document, lines_of(text, "approvals"), words=tool_words(tools), path=path
    )
    switch = document.kill_switch
    for roles in (switch.freeze, switch.thaw, document.reveal):
        _check_roles(roles, document.roles, path=path, line=0)
    rules = [row.compiled() for row in document.approvals]
    rules.sort(key=lambda rule: rule.pattern.specificity, reverse=True)
    return People(
        people=tuple(row.compiled() for row in document.people),
        approvals=tuple(rules),
        freezers=frozenset(document.kill_switch.freeze),
        thawers=frozenset(document.kill_switch.thaw),
        revealers=frozenset(document.reveal),
        others=frozenset(document.others),
    )


def _check_people(document: "_Document", lines: tuple[int, ...], *, path: str) -> None:
    seen: set[str] = set()
    for row, line in zip(document.people, lines, strict=True):
        _check_roles(row.roles, document.roles, path=path, line=line)
        said = [f"id {row.id}", f"slack_user {row.slack_user}"]
        for key in [*said, f"key {row.key}"] if row.key else said:
            _check_once(key, seen, path=path, line=line)


def _check_approvals(
    document: "_Document",
    lines: tuple[int, ...],
    *,
    words: frozenset[str],
    path: str,
) -> None:
    seen: set[str] = set()
    for row, line in zip(document.approvals, lines, strict=True):
        _check_roles(
            (*row.roles, *row.next_roles), document.roles, path=path, line=line
        )
        _check_next(row, document.people, path=path, line=line)
        _check_grant(row, path=path, line=line)
        for key in (f"id {row.id}", f"the calls of {row.pattern}"):
            _check_once(key, seen, path=path, line=line)
        if row.tool not in words:
            raise PolicyError(
                path,
                line,
                what=f"approval {row.id}: no tool or category is called {row.tool!r}",
                mend=f"known: {', '.join(sorted(words))}",
            )
        holders = sum(bool({*row.roles} & {*one.roles}) for one in document.people)
        if holders < row.quorum:
            raise PolicyError(
                path,
                line,
                what=f"approval {row.id}: quorum {row.quorum}, {holders} can approve",
                mend="give the role to more people, or lower the quorum",
            )


def _check_next(
    row: "_ApprovalRow", people: "tuple[_PersonRow, ...]", *, path: str, line: int
) -> None:
    again = [role for role in row.next_roles if role in row.roles]
    if again:
        raise PolicyError(
            path,
            line,
            what=f"approval {row.id}: next role {again[0]} is asked already",
            mend="name under next_roles only who is not asked at once",
        )
    for role in row.next_roles:
        if not any(role in one.roles for one in people):
            raise PolicyError(
                path,
                line,
                what=f"approval {row.id}: nobody holds next role {role}",
                mend="give the role to somebody, or take it out of next_roles",
            )


def _check_grant(row: "_ApprovalRow", *, path: str, line: int) -> None:
    """Let one person alone give what one person alone may approve."""
    irreversible = row.tool == ToolCategory.write_irreversible
    if row.grant is not None and (row.quorum > 1 or irreversible):
        raise PolicyError(
            path,
            line,
            what=f"approval {row.id}: a grant where two approve, or nothing is undone",
            mend="leave grant out: one person must not allow there what they may not",
        )


def _check_roles(
    roles: tuple[str, ...], known: tuple[str, ...], *, path: str, line: int
) -> None:
    for role in roles:
        if role not in known:
            raise PolicyError(
                path,
                line,
                what=f"role {role!r} is not declared",
                mend=f"declare it under roles; known: {', '.join(known)}",
            )


def _check_once(key: str, seen: set[str], *, path: str, line: int) -> None:
    if key in seen:
        raise PolicyError(path, line, what=f"{key} stands twice", mend="keep one")
    seen.add(key)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _PersonRow(_Row):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    name: str = Field(min_length=1)
    slack_user: str = Field(pattern=r"^[UW][A-Z0-9]+$")
    roles: tuple[str, ...] = ()
    key: str = Field(default="", pattern=r"^([A-Za-z0-9+/]{43}=)?$")

    def compiled(self) -> Person:
        return Person(
            id=self.id,
            name=self.name,
            slack_user=self.slack_user,
            roles=frozenset(self.roles),
            key=self.key,
        )


class _GrantRow(_Row):
    minutes: int = Field(ge=1, le=240)
    most: int = Field(ge=1, le=20)


class _FatigueRow(_Row):
    of: int = Field(ge=1, le=MOST_LOOKED_AT)
    hasty_seconds: float = Field(gt=0, le=60)
    most_hasty: int = Field(ge=0, le=MOST_LOOKED_AT)
    most_unread: int = Field(ge=0, le=MOST_LOOKED_AT)


class _ApprovalRow(_Row):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    tool: str
    kind: str = Field(min_length=1)
    environment: str = Field(min_length=1)
    roles: tuple[str, ...] = Field(min_length=1)
    quorum: int = Field(ge=1, le=10)
    expires_in_seconds: int = Field(ge=60, le=86_400)
    requester_may_approve: bool
    next_roles: tuple[str, ...] = ()
    grant: _GrantRow | None = None
    fatigue: _FatigueRow | None = None

    @property
    def pattern(self) -> Pattern:
        return Pattern(tool=self.tool, kind=self.kind, environment=self.environment)

    def compiled(self) -> ApprovalRule:
        return ApprovalRule(
            id=self.id,
            pattern=self.pattern,
            roles=self.roles,
            quorum=self.quorum,
            expires_in_seconds=self.expires_in_seconds,
            requester_may_approve=self.requester_may_approve,
            next_roles=self.next_roles,
            grant=GrantTerms(self.grant.minutes, self.grant.most)
            if self.grant
            else None,
            fatigue=Fatigue(**self.fatigue.model_dump()) if self.fatigue else None,
        )


class _KillSwitch(_Row):
    freeze: tuple[str, ...] = ()
    thaw: tuple[str, ...] = ()


class _Document(_Row):
    kill_switch: _KillSwitch = _KillSwitch()
    reveal: tuple[str, ...] = ()
    others: tuple[Literal["read", "open"], ...] = ()
    roles: tuple[str, ...]
    people: tuple[_PersonRow, ...]
    approvals: tuple[_ApprovalRow, ...]
