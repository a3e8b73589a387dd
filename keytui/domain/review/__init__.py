"""The review of keys: what should be looked at, why it matters, and the one thing to do about it."""
