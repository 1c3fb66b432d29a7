"""Personal data: the exchange with Action Logement, encrypted, and its purge."""
