"""Sheets to print for a table: map, briefings, orders, forms."""
