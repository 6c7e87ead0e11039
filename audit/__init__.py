"""The documented form of the ledger: tree, checkpoints, export, verification."""
