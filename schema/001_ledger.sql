-- The ledger. The same text runs on SQLite, D1 and a lane's Durable Object.
-- Decimals are canonical text (never REAL); times are integer milliseconds UTC; booleans are 0 or 1.
-- A row is "open" while finished_ms is NULL; partial indexes find the open rows without touching history.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE kv (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per accepted signal; seq is the order of acceptance. The idempotency claim is a row of claims.
CREATE TABLE signals (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,      -- UUIDv7
    lane            TEXT NOT NULL,             -- 'live:BTCUSDT'
    source          TEXT NOT NULL,             -- webhook cli telegram risk
    key_name        TEXT NOT NULL,             -- webhook key that admitted it
    idempotency_key TEXT NOT NULL,             -- as given, or the fingerprint in hex
    payload_digest  TEXT NOT NULL,             -- SHA-256 of body, hex
    body            TEXT NOT NULL,             -- canonical JSON without the webhook key
    venue           TEXT NOT NULL,             -- where routing sent it
    market          TEXT NOT NULL,             -- futures spot
    test            INTEGER NOT NULL,
    symbol          TEXT NOT NULL,
    action          TEXT NOT NULL,             -- LONG SHORT CLOSE_LONG CLOSE_SHORT CLOSE TARGET
    -- open: accepted queued unknown; final: filled partially_filled resting nothing_to_do rejected refused expired superseded failed dropped
    status          TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',  -- error code of the reply: VENUE_REJECTED, KILL_SWITCH, …
    message         TEXT NOT NULL DEFAULT '',
    tries           INTEGER NOT NULL DEFAULT 0, -- venue attempts that ended busy
    received_ms     INTEGER NOT NULL,
    expires_ms      INTEGER,                   -- entries only; exits never expire
    due_ms          INTEGER NOT NULL,          -- not worked on before this
    finished_ms     INTEGER,
    request_id      TEXT NOT NULL,
    reply_status    INTEGER,                   -- the stored reply, for replays
    reply_body      TEXT
);
CREATE INDEX signals_open ON signals (lane, seq) WHERE finished_ms IS NULL;
-- Exits among the open ones: found without looking at every entry that waits. (After signals_open: of two indexes that
-- serve, the planner takes the younger.)
CREATE INDEX signals_exits ON signals (lane, seq) WHERE finished_ms IS NULL AND expires_ms IS NULL;

-- claim_key: 4-byte day number, then 16 bytes of digest. A claim lapses at until_ms.
CREATE TABLE claims (
    claim_key BLOB PRIMARY KEY,
    signal_id TEXT NOT NULL,
    until_ms  INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per (signal, leg): the durable intent, written before the request leaves.
CREATE TABLE orders (
    signal_id         TEXT NOT NULL,
    leg               INTEGER NOT NULL,
    client_order_id   TEXT NOT NULL,           -- derived from signal_id and leg, one to one
    lane              TEXT NOT NULL,
    venue             TEXT NOT NULL,
    market            TEXT NOT NULL,
    test              INTEGER NOT NULL,
    symbol            TEXT NOT NULL,
    purpose           TEXT NOT NULL,           -- open close
    side              TEXT NOT NULL,           -- buy sell
    type              TEXT NOT NULL,           -- MARKET LIMIT
    reduce_only       INTEGER NOT NULL,
    quantity          TEXT NOT NULL,
    price             TEXT NOT NULL DEFAULT '0',
    -- intent: may have been sent; busy: provably not at the venue; open: resting there; absent: not there, says its owner;
    -- the rest are final
    status            TEXT NOT NULL,           -- intent busy open filled partially_filled canceled expired rejected failed
    attempt           INTEGER NOT NULL,
    send_by_ms        INTEGER NOT NULL,        -- this attempt is not sent after this
    venue_order_id    TEXT NOT NULL DEFAULT '',
    executed_quantity TEXT NOT NULL DEFAULT '0',
    average_price     TEXT NOT NULL DEFAULT '0',
    fee               TEXT NOT NULL DEFAULT '0',
    fee_asset         TEXT NOT NULL DEFAULT '',
    venue_code        INTEGER NOT NULL DEFAULT 0,
    message           TEXT NOT NULL DEFAULT '',
    created_ms        INTEGER NOT NULL,
    updated_ms        INTEGER NOT NULL,
    finished_ms       INTEGER,
    PRIMARY KEY (signal_id, leg)
) WITHOUT ROWID;
CREATE INDEX orders_open ON orders (lane) WHERE finished_ms IS NULL;

CREATE TABLE fills (
    venue           TEXT NOT NULL,
    market          TEXT NOT NULL,
    test            INTEGER NOT NULL,
    symbol          TEXT NOT NULL,
    venue_trade_id  TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    signal_id       TEXT NOT NULL,
    side            TEXT NOT NULL,
    quantity        TEXT NOT NULL,
    price           TEXT NOT NULL,
    fee             TEXT NOT NULL,
    fee_asset       TEXT NOT NULL,
    realized_pnl    TEXT NOT NULL,             -- as the venue computed it
    maker           INTEGER NOT NULL,
    time_ms         INTEGER NOT NULL,
    -- A trade of ours with ourselves has one id and two orders.
    PRIMARY KEY (venue, market, test, symbol, venue_trade_id, client_order_id)
);
CREATE INDEX fills_by_order ON fills (client_order_id);
CREATE INDEX fills_by_time ON fills (time_ms);

-- quantity is signed, long positive; entry_price = cost / quantity. version counts changes.
CREATE TABLE positions (
    venue           TEXT NOT NULL,
    market          TEXT NOT NULL,
    test            INTEGER NOT NULL,
    symbol          TEXT NOT NULL,
    quantity        TEXT NOT NULL,
    cost            TEXT NOT NULL,             -- signed cost basis of what is open, quote asset
    entry_price     TEXT NOT NULL,
    realized_pnl    TEXT NOT NULL,             -- since the first fill, before fees, quote asset
    fees            TEXT NOT NULL,             -- since the first fill, quote asset
    fees_other      TEXT NOT NULL DEFAULT '{}', -- fees in other assets: {"BNB":"0.0001"}
    leverage        INTEGER NOT NULL DEFAULT 0,
    trade_id        TEXT NOT NULL DEFAULT '',  -- the round trip in progress
    opened_ms       INTEGER,
    updated_ms      INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    PRIMARY KEY (venue, market, test, symbol)
) WITHOUT ROWID;

-- One row per round trip, from the first fill that opens it; closed_ms is set when the position is flat again.
CREATE TABLE trades (
    id               TEXT PRIMARY KEY,         -- client order id of the opening order, or with a suffix after a flip by one order
    venue            TEXT NOT NULL,
    market           TEXT NOT NULL,
    test             INTEGER NOT NULL,
    symbol           TEXT NOT NULL,
    side             TEXT NOT NULL,            -- long short
    opened_quantity  TEXT NOT NULL,
    closed_quantity  TEXT NOT NULL,
    opened_value     TEXT NOT NULL,            -- sum of quantity * price of the opening fills
    closed_value     TEXT NOT NULL,
    entry_price      TEXT NOT NULL,
    exit_price       TEXT NOT NULL,
    fees             TEXT NOT NULL,
    fees_other       TEXT NOT NULL DEFAULT '{}',
    realized_pnl     TEXT NOT NULL,            -- before fees
    open_signal_id   TEXT NOT NULL,
    close_signal_id  TEXT NOT NULL DEFAULT '',
    opened_ms        INTEGER NOT NULL,
    closed_ms        INTEGER
);
CREATE INDEX trades_by_close ON trades (closed_ms);

CREATE TABLE balances (
    day    TEXT NOT NULL,                      -- 2026-11-23
    venue  TEXT NOT NULL,
    test   INTEGER NOT NULL,
    asset  TEXT NOT NULL,
    total  TEXT NOT NULL,
    available TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (day, venue, test, asset)
) WITHOUT ROWID;

CREATE TABLE equity (
    day    TEXT NOT NULL,
    venue  TEXT NOT NULL,
    test   INTEGER NOT NULL,
    asset  TEXT NOT NULL,
    start  TEXT NOT NULL,
    high   TEXT NOT NULL,
    low    TEXT NOT NULL,
    close  TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (day, venue, test, asset)
) WITHOUT ROWID;

CREATE VIEW win_rates AS
SELECT date(closed_ms / 1000, 'unixepoch') AS day,
       venue, symbol, test,
       count(*) AS trades,
       sum(realized_pnl NOT LIKE '-%' AND realized_pnl <> '0') AS wins,
       round(100.0 * sum(realized_pnl NOT LIKE '-%' AND realized_pnl <> '0') / count(*), 2) AS win_rate_percent
FROM trades
WHERE closed_ms IS NOT NULL
GROUP BY day, venue, symbol, test;

-- What must reach the outside, with retries. Nothing is fire-and-forget.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,                 -- notify
    subject     TEXT NOT NULL,                 -- signal id or other row this is about
    payload     TEXT NOT NULL,                 -- JSON
    tries       INTEGER NOT NULL DEFAULT 0,
    due_ms      INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    last_error  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_open ON outbox (due_ms) WHERE finished_ms IS NULL;

CREATE TABLE objects (
    key          TEXT PRIMARY KEY,
    size         INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    created_ms   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE embeddings (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    model      TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    vector     BLOB NOT NULL,
    created_ms INTEGER NOT NULL
);

CREATE TABLE system_logs (
    id         INTEGER PRIMARY KEY,
    time_ms    INTEGER NOT NULL,
    level      TEXT NOT NULL,
    subject    TEXT NOT NULL,
    message    TEXT NOT NULL,
    detail     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX system_logs_by_time ON system_logs (time_ms);
