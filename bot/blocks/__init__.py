"""
Facts in, Block Kit out: pure rendering.
"""
