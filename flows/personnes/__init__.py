"""Personal data: the exchange with Action Logement, encrypted, and its purge."""

VARIABLE_CLE = "GESTION_FLUX_CLE"
"""Environment variable of the key of the exchange files; whoever starts a child process takes it out first."""
