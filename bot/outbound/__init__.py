"""
The outbound gate: whatever goes to Slack is held against Slack's limits here.
"""
