"""Workbooks, pages and CSV from finished tables."""
