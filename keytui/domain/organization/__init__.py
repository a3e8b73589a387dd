"""The organisation of an admin key: its rows, what holds for each, and what can be changed about it."""
