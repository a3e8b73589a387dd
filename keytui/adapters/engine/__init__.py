"""The engine: a process of its own that counts, and runs the practice service. Its two sides share ``frames`` alone."""
