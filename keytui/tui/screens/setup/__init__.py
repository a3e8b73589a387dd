"""The walk to a key, step by step."""
