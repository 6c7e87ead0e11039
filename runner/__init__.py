"""
The agent loop, in a sandbox without secrets.
"""
