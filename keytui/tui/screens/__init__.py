"""Whole screens: the main one, set-up, and the explanations."""
