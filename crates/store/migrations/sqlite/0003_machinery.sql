-- The durable machinery. The intake log itself is a store of its own (store::webhook_log).

-- How far the projector has come in the intake log, committed together with what it projected.
CREATE TABLE projector (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    projected INTEGER NOT NULL,
    parked INTEGER NOT NULL,
    duplicates INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What could not be routed or understood: shown, and replayed.
CREATE TABLE parked (
    id BLOB NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    detail TEXT,
    field TEXT,
    waba_id TEXT,
    phone_number_id TEXT,
    raw BLOB NOT NULL,
    digest BLOB NOT NULL,
    items INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    replayed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX parked_digest ON parked (digest);
CREATE INDEX parked_number ON parked (phone_number_id, id) WHERE replayed_at IS NULL;
CREATE INDEX parked_open ON parked (reason, id) WHERE replayed_at IS NULL;

-- Webhook changes about accounts, numbers, templates, calls, groups: kept as history.
CREATE TABLE account_events (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB,
    waba_id TEXT NOT NULL,
    phone_number_id TEXT,
    field TEXT NOT NULL,
    event TEXT,
    raw TEXT NOT NULL,
    digest BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX account_events_digest ON account_events (digest);
CREATE INDEX account_events_waba ON account_events (waba_id, id);

-- What has to be told to browsers, tenants' systems and automation, in order.
CREATE TABLE event_log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Messages on their way out. The row leaves when Meta has answered for good.
CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    phone_number_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    lane INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    doubts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    claimed_by TEXT,
    settle_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (phone_number_id, state, lane, id);
CREATE INDEX outbox_waiting ON outbox (phone_number_id, state, next_at);
CREATE INDEX outbox_unsettled ON outbox (state, settle_at) WHERE state <> 'queued';

CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    message_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

-- Background jobs: leased, serial within a lane, retried with back-off.
CREATE TABLE jobs (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    claimed_by TEXT,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_lane ON jobs (lane, id) WHERE state <> 'dead';
