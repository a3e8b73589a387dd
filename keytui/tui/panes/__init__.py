"""The four panes of the main screen."""
