"""Outputs whole or not at all, their manifest and the register."""
