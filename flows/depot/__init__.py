"""Any file as sheets of text rows."""
