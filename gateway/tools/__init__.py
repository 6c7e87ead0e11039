"""
The tools: one file each, declared and registered.
"""
