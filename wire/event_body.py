"""What the data of every event is."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class EventBody(BaseModel):
    """An object; within a version its fields stay, and others may be added."""

    model_config = ConfigDict(extra="forbid", frozen=True)
