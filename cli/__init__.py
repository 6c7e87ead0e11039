"""
The `autopilot` command: wiring only.
"""
