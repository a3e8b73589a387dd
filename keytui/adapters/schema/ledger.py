"""Tables of the ledger.

Amounts are whole numbers of a millionth of a millionth of a USD (``keytui.domain.pricing.SMALLEST``), so that SQLite
adds them without rounding; NULL is an unknown price. Times are microseconds since 1970 (UTC).
"""

from __future__ import annotations

from keytui.adapters.schema.migration import Migration

_ENTRY = """CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    project TEXT,
    app TEXT NOT NULL,
    conversation TEXT,
    endpoint TEXT NOT NULL,
    base_url TEXT NOT NULL,
    model TEXT NOT NULL,
    served TEXT,
    tier TEXT,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    written INTEGER NOT NULL,
    written_12h INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    mark TEXT NOT NULL,
    cost_total INTEGER,
    cost_input INTEGER,
    cost_cached INTEGER,
    cost_written INTEGER,
    cost_output INTEGER,
    cost_other INTEGER,
    saved INTEGER,
    price_tier TEXT,
    price_as_of TEXT,
    price_source TEXT,
    price_note TEXT,
    outcome TEXT NOT NULL,
    seconds REAL NOT NULL,
    first_token REAL,
    error TEXT
) STRICT"""

# The newest and the dearest are found without reading the rest: the dearest within stretches of about a month
# (2^41 microseconds are 25 days), of which any question touches few.
_NEWEST = "CREATE INDEX entry_at ON entry (at)"
_DEAREST = "CREATE INDEX entry_dearest ON entry (at >> 41, cost_total DESC, at) WHERE cost_total > 0"

# Sums by hour and by day (UTC), for each way of grouping. Hours, because local days begin at any hour of UTC.
# level: 0 hour, 1 day. dimension: 0 none (all of a key), 1 model, 2 project, 3 app, 4 conversation, 5 tier.
_SPEND = """CREATE TABLE spend (
    level INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    label TEXT NOT NULL,
    key_id TEXT NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    written INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    PRIMARY KEY (level, dimension, bucket, label, key_id)
) STRICT, WITHOUT ROWID"""

_KEY_NAMES = "CREATE TABLE ledger_key (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID"

# The worst case of a request that was sent and is not booked yet. host, process and born tell whether its sender lives.
_RESERVATION = """CREATE TABLE reservation (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    project TEXT,
    conversation TEXT,
    amount INTEGER NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    born TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

# Soft caps warn once: each cap in each of its periods.
_WARNED = "CREATE TABLE cap_warned (cap TEXT, period TEXT, PRIMARY KEY (cap, period)) STRICT, WITHOUT ROWID"

_LABELS = (
    "''",
    "NEW.model",
    "coalesce(NEW.project, '')",
    "NEW.app",
    "coalesce(NEW.conversation, '')",
    "coalesce(NEW.price_tier, NEW.tier, '')",
)
_TARGETS = " UNION ALL ".join(
    f"SELECT {level} AS level, {dimension} AS dimension, NEW.at / {length} AS bucket, {label} AS label"
    for level, length in ((0, 3_600_000_000), (1, 86_400_000_000))
    for dimension, label in enumerate(_LABELS)
)

# In a trigger, so that no entry can ever be kept without its sums, whoever writes it.
_BOOKING = f"""CREATE TRIGGER entry_booked AFTER INSERT ON entry BEGIN
    INSERT INTO spend
    SELECT level, dimension, bucket, label, NEW.key_id, 1,
        NEW.input, NEW.cached, NEW.written, NEW.output, NEW.reasoning,
        coalesce(NEW.cost_total, 0), coalesce(NEW.saved, 0),
        NEW.mark = 'estimated' AND NEW.input + NEW.output > 0, NEW.cost_total IS NULL AND NEW.input + NEW.output > 0
    FROM ({_TARGETS}) WHERE true
    ON CONFLICT DO UPDATE SET
        requests = requests + 1,
        input = input + excluded.input,
        cached = cached + excluded.cached,
        written = written + excluded.written,
        output = output + excluded.output,
        reasoning = reasoning + excluded.reasoning,
        cost = cost + excluded.cost,
        saved = saved + excluded.saved,
        estimated = estimated + excluded.estimated,
        unpriced = unpriced + excluded.unpriced;
    INSERT INTO ledger_key VALUES (NEW.key_id, NEW.key_name)
    ON CONFLICT DO UPDATE SET name = excluded.name WHERE name != excluded.name;
    DELETE FROM reservation WHERE id = NEW.id;
END"""

# What is to be booked for a request that is on its way, should the process that sent it be killed; ``entry`` is the
# row as JSON. A request that is sent again after a wait is booked under its turn's id with a number behind a dot.
_UNBOOKED = """CREATE TABLE unbooked (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    entry TEXT NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    born TEXT NOT NULL
) STRICT, WITHOUT ROWID"""
_SETTLED = """CREATE TRIGGER entry_settled AFTER INSERT ON entry BEGIN
    DELETE FROM unbooked WHERE id = NEW.id OR NEW.id LIKE id || '.%';
END"""

MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, (_ENTRY, _NEWEST, _DEAREST, _SPEND, _KEY_NAMES, _RESERVATION, _WARNED, _BOOKING)),
    Migration(5, (_UNBOOKED, _SETTLED)),
)
