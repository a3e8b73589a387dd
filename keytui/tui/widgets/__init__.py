"""Widgets that show domain values and know nothing above them."""
