"""Tests of the audit room: pure, without a database."""
