"""
Slack's requests: stored or answered, never decided.
"""
