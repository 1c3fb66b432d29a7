"""Text rows as the tables of the contract: headings, values, doubles."""
