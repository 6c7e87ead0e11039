"""
The only door to tools, models and approvals.
"""
