"""Conversations and drafts in the database."""

from keytui.adapters.conversations.store import SqliteConversations

__all__ = ["SqliteConversations"]
