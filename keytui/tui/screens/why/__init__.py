"""What stands behind each step, for those who ask."""
