"""``keytui setup --plain``: the walk to a key, line by line."""
