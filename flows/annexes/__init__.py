"""The annexe to sign, and the verification of published ones."""
