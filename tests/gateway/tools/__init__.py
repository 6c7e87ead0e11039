"""Tests of orchestrator/."""
