"""The OpenAI API through the official SDK: asking, counting, listing, and reading what went wrong.

Nothing here imports the SDK before ``sdk.load_sdk`` is called, which takes a while: call it from a thread.
"""
