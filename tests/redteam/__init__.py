"""The model is taken as compromised: it does whatever an outside text asks."""
