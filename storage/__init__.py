"""
The facts, in Postgres; the only room that knows SQL.
"""
