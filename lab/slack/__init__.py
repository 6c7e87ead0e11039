"""A Slack workspace on loopback: Web API, people, deliveries to the app."""
