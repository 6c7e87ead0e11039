"""Say which requests a misbehaviour of one Slack method meets."""

from pydantic import BaseModel, ConfigDict, Field

from lab.fault import ANY, Fault, FaultKind


class SlackFault(BaseModel):
    """`method` is Slack's name for it, or `*` for all."""

    model_config = ConfigDict(extra="forbid")

    method: str = ANY
    kind: FaultKind
    count: int = Field(default=1, ge=1, le=10_000)
    retry_after: int = Field(default=1, ge=0, le=600)
    seconds: float = Field(default=5.0, ge=0, le=120)

    def armed(self) -> Fault:
        return Fault(
            kind=self.kind,
            http_method=ANY,
            path_prefix="/api/" if self.method == ANY else f"/api/{self.method}",
            left=self.count,
            label=self.method,
            retry_after_seconds=self.retry_after,
            seconds=self.seconds,
        )
