"""The loopback world: a Slack workspace, a simulated platform, embedded servers."""
