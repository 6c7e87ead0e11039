"""A simulated platform with real dynamics, its HTTP API, Prometheus and alerts."""
