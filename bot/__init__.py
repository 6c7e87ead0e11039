"""
Slack and HTTP in, Slack out; it decides nothing.
"""
