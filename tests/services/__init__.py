"""
Tests against the real systems: installed where they can be, skipped by name otherwise.
"""
