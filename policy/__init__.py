"""
The pure room: words, lifecycles, verdicts.
"""
