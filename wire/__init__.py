"""
What runner, orchestrator and gateway say to each other.
"""
