"""``keytui setup --plan``: a plan applied without a screen, and what goes with it."""
