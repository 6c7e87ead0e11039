"""
One outside system a file; wired by gateway.assembly alone.
"""
