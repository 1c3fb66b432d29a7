"""gestion-flux: from a folder of spreadsheets to every réservataire's bilan."""

__version__ = "1.0.0"
