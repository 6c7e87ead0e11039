"""The reason that outside systems are given: ours stands in the ledger, by its id."""

OURS = "ops_autopilot"
