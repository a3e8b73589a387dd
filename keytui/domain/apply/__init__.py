"""The steps that apply a plan: each looks before it makes, says what it found, and can be undone."""
