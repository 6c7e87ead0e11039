"""Postgres and Valkey as children of this process, on unix sockets only."""
