"""The full-screen interface: the only package that imports Textual."""
