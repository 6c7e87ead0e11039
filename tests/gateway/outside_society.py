"""Users, content, frictions and appeals in memory: they fulfil their ports."""

from dataclasses import replace

from gateway.subjects import (
    Account,
    Appeal,
    ContentState,
    FrictionState,
    IdentityState,
)
from tests.gateway.writes import Kept

USER, CONTENT, APPEAL = "u_7", "c_7", "a_7"
TARGET = f"content:{CONTENT}"


class FakeAccounts(Kept[Account]):
    async def get(self, user_id: str) -> Account:
        return self.read(user_id)

    async def set_push(
        self, user_id: str, *, revoked: bool, seen_version: int, idempotency_key: str
    ) -> Account:
        return self.write(
            user_id,
            lambda now: replace(now, push_revoked=revoked, version=now.version + 1),
            seen=seen_version,
            key=idempotency_key,
        )

    async def ban(
        self,
        user_id: str,
        *,
        until: float | None,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Account:
        assert reason_code
        return self.write(
            user_id,
            lambda now: replace(
                now, status="banned", banned_until=until, version=now.version + 1
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeIdentity(Kept[IdentityState]):
    async def get(self, user_id: str) -> IdentityState:
        return self.read(user_id)

    async def end_sessions(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        return self.write(
            user_id,
            lambda now: replace(
                now, sessions=0, session_ids=(), version=now.version + 1
            ),
            seen=seen_version,
            key=idempotency_key,
        )

    async def send_reset_link(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        return self.write(
            user_id,
            lambda now: replace(
                now,
                reset_sent_at=(now.reset_sent_at or 0.0) + 60.0,
                version=now.version + 1,
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeContents(Kept[ContentState]):
    async def get(self, content_id: str) -> ContentState:
        return self.read(content_id)

    async def remove(
        self,
        content_id: str,
        *,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> ContentState:
        return self.write(
            content_id,
            lambda now: replace(
                now,
                status="removed",
                removed_reason=reason_code,
                version=now.version + 1,
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeFrictions(Kept[FrictionState]):
    async def get(self, target: str) -> FrictionState:
        return self.read(target)

    async def set(
        self,
        target: str,
        *,
        friction_type: str | None,
        expires_at: float | None,
        seen_version: int,
        idempotency_key: str,
    ) -> FrictionState:
        return self.write(
            target,
            lambda now: replace(
                now,
                friction_type=friction_type,
                expires_at=expires_at,
                version=now.version + 1,
            ),
            seen=seen_version,
            key=idempotency_key,
        )


class FakeAppeals(Kept[Appeal]):
    async def get(self, appeal_id: str) -> Appeal:
        return self.read(appeal_id)

    async def resolve(
        self,
        appeal_id: str,
        *,
        resolution: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Appeal:
        return self.write(
            appeal_id,
            lambda now: replace(now, status=resolution, version=now.version + 1),
            seen=seen_version,
            key=idempotency_key,
        )


def an_account() -> Account:
    return Account(
        user_id=USER,
        handle="mara.lind",
        display_name="Mara Lind",
        email="mara@example.com",
        phone="+46 8 5550107",
        country="SE",
        created_at=1_600_000_000.0,
        followers=1200,
        status="active",
        banned_until=None,
        strikes=1,
        reports_last_day=4,
        posts_last_day=9,
        push_tokens=3,
        push_revoked=False,
        recent_content=(CONTENT,),
        version=7,
    )


def an_identity() -> IdentityState:
    return IdentityState(
        user_id=USER,
        sessions=2,
        last_login_at=1_700_000_000.0,
        failed_logins_last_hour=14,
        locked=True,
        reset_sent_at=None,
        version=7,
        session_ids=("s1", "s2"),
    )


def a_content() -> ContentState:
    return ContentState(
        content_id=CONTENT,
        author_id=USER,
        kind="post",
        created_at=1_700_000_000.0,
        text="Why I left",
        status="visible",
        removed_reason=None,
        views_last_hour=5200,
        replies_last_hour=2400,
        repliers_last_hour=1900,
        reports=31,
        labels=("local",),
        thread_size=180,
        version=7,
    )


def a_friction() -> FrictionState:
    return FrictionState(
        target=TARGET,
        friction_type=None,
        expires_at=None,
        people_last_hour=1900,
        actions_last_hour=2400,
        version=7,
    )


def an_appeal() -> Appeal:
    return Appeal(
        appeal_id=APPEAL,
        user_id=USER,
        action="ban",
        subject_id=USER,
        opened_at=1_700_000_000.0,
        statement="I only quoted somebody.",
        status="open",
        version=7,
    )
