"""Journeys: Slack in to Slack out, over all processes."""
