"""Whole screens: main, set-up, dialogs."""
