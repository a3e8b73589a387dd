"""Tables of conversations, their messages, and unsent drafts."""

from __future__ import annotations

from keytui.adapters.schema.migration import Migration

MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        (
            # Times are seconds since 1970 (UTC). ``deleted`` marks a conversation that can still be brought back.
            """CREATE TABLE conversation (
                id TEXT PRIMARY KEY,
                title TEXT NOT NULL,
                started REAL NOT NULL,
                changed REAL NOT NULL,
                model TEXT,
                instructions TEXT NOT NULL DEFAULT '',
                parameters TEXT NOT NULL DEFAULT '{}',
                pinned INTEGER NOT NULL DEFAULT 0,
                messages INTEGER NOT NULL DEFAULT 0,
                deleted REAL
            ) STRICT""",
            "CREATE INDEX conversation_in_list ON conversation (pinned DESC, changed DESC) WHERE deleted IS NULL",
            "CREATE INDEX conversation_deleted ON conversation (deleted) WHERE deleted IS NOT NULL",
            # ``number`` orders the messages of all conversations and names them in the full-text index.
            # ``parent`` is the message that this one answers or replaces a branch of; NULL: the one before it.
            """CREATE TABLE message (
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL,
                conversation TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
                parent TEXT,
                role TEXT NOT NULL,
                text TEXT NOT NULL,
                at REAL NOT NULL,
                model TEXT,
                usage TEXT,
                cost TEXT,
                outcome TEXT NOT NULL,
                seconds REAL,
                first_token REAL,
                indexed INTEGER NOT NULL DEFAULT 0,
                UNIQUE (conversation, id)
            ) STRICT""",
            "CREATE INDEX message_in_order ON message (conversation, number)",
            "CREATE INDEX message_unindexed ON message (number) WHERE indexed = 0",
            # The draft of a new conversation has the empty name.
            "CREATE TABLE draft (conversation TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
        ),
    ),
    Migration(
        4,
        (
            # The last message of the branch that is gone on from; NULL: the one stored last.
            "ALTER TABLE conversation ADD COLUMN leaf TEXT",
            "ALTER TABLE message ADD COLUMN thinking TEXT NOT NULL DEFAULT ''",
        ),
    ),
)
