"""The example campaign: a fictitious bailleur on real public dwellings.

What is chosen by hand is data, in `flows/sources/exemple/`; these modules draw the rest, always the same.
"""
