"""The warehouse and its SQL models."""
