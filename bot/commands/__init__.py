"""What people type at the bot: one verb, one short answer."""
