"""Every use of what Textual keeps to itself. Tested with textual 8.2.8, which pyproject.toml pins for this reason."""
