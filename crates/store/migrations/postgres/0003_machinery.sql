-- The durable machinery. The intake log itself is a store of its own (store::webhook_log).

-- How far the projector has come in the intake log, committed together with what it projected.
CREATE TABLE projector (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    posts BIGINT NOT NULL,
    projected BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    duplicates BIGINT NOT NULL
);

-- What could not be routed or understood: shown, and replayed.
CREATE TABLE parked (
    id UUID NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    detail TEXT,
    field TEXT,
    waba_id TEXT,
    phone_number_id TEXT,
    raw BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    items BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    replayed_at BIGINT
);

CREATE UNIQUE INDEX parked_digest ON parked (digest);
CREATE INDEX parked_number ON parked (phone_number_id, id) WHERE replayed_at IS NULL;
CREATE INDEX parked_open ON parked (reason, id) WHERE replayed_at IS NULL;

-- Webhook changes about accounts, numbers, templates, calls, groups: kept as history.
CREATE TABLE account_events (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID,
    waba_id TEXT NOT NULL,
    phone_number_id TEXT,
    field TEXT NOT NULL,
    event TEXT,
    raw TEXT NOT NULL,
    digest BYTEA NOT NULL,
    occurred_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX account_events_digest ON account_events (digest);
CREATE INDEX account_events_waba ON account_events (waba_id, id);

-- What has to be told to browsers, tenants' systems and automation, in order.
CREATE TABLE event_log (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id UUID,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Messages on their way out. The row leaves when Meta has answered for good.
CREATE TABLE outbox (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    phone_number_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    lane BIGINT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    doubts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    claimed_by TEXT,
    settle_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);

CREATE INDEX outbox_due ON outbox (phone_number_id, state, lane, id);
CREATE INDEX outbox_waiting ON outbox (phone_number_id, state, next_at);
CREATE INDEX outbox_unsettled ON outbox (state, settle_at) WHERE state <> 'queued';

CREATE TABLE idempotency_keys (
    tenant_id UUID NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    message_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- Background jobs: leased, serial within a lane, retried with back-off.
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    claimed_by TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);

CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_lane ON jobs (lane, id) WHERE state <> 'dead';
