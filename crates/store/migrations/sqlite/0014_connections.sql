-- The ways in which tenants are connected to WhatsApp, and what happened on the way there.
-- way: shared (a number of the platform's own WABA), solution_partner, tech_provider, own_credentials.
-- state: connecting, connected, action_needed (problem says what), disconnected (the rows stay, for the history).
CREATE TABLE connections (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    waba_id TEXT,
    business_id TEXT,
    business_name TEXT,
    coexistence INTEGER NOT NULL,
    billing_mode TEXT NOT NULL,
    allocation_id TEXT,
    problem TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    connected_at INTEGER,
    disconnected_at INTEGER,
    disconnect_reason TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX connections_tenant ON connections (tenant_id, id);
-- A customer's WABA is connected once; the platform's own may be shared out to many.
CREATE UNIQUE INDEX connections_waba ON connections (waba_id) WHERE state <> 'disconnected' AND way <> 'shared';

-- One attempt to connect, or to connect again. What the browser said is kept as a claim; the code is sealed and
-- forgotten when it has been exchanged; its digest stays, so that the same code is never a second attempt.
CREATE TABLE onboarding_runs (
    id BLOB NOT NULL PRIMARY KEY,
    connection_id BLOB NOT NULL REFERENCES connections (id),
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    claims TEXT NOT NULL,
    code_digest TEXT UNIQUE,
    code BLOB,
    token BLOB,
    cause TEXT,
    started_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX onboarding_runs_connection ON onboarding_runs (connection_id, id);
CREATE INDEX onboarding_runs_open ON onboarding_runs (id) WHERE state IN ('running', 'waiting');

-- The steps of a run, in their order. state: pending, running, done, skipped, failed.
CREATE TABLE onboarding_steps (
    run_id BLOB NOT NULL REFERENCES onboarding_runs (id),
    position INTEGER NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    cause TEXT,
    detail TEXT,
    result TEXT,
    began_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- What is known of a WABA's token, and of the WABA. token_state: valid, expiring, invalid, none.
ALTER TABLE wabas ADD COLUMN token_state TEXT;
ALTER TABLE wabas ADD COLUMN token_expires_at INTEGER;
ALTER TABLE wabas ADD COLUMN token_scopes TEXT;
ALTER TABLE wabas ADD COLUMN token_checked_at INTEGER;
ALTER TABLE wabas ADD COLUMN token_warned_days INTEGER;
ALTER TABLE wabas ADD COLUMN business_id TEXT;
ALTER TABLE wabas ADD COLUMN currency TEXT;
ALTER TABLE wabas ADD COLUMN timezone_id TEXT;
ALTER TABLE wabas ADD COLUMN template_namespace TEXT;
ALTER TABLE wabas ADD COLUMN review_status TEXT;
ALTER TABLE wabas ADD COLUMN standing TEXT;
ALTER TABLE wabas ADD COLUMN standing_detail TEXT;
ALTER TABLE wabas ADD COLUMN override_callback TEXT;

-- The PIN of two-step verification is sealed. standing: CONNECTED, DISCONNECTED, BANNED, RESTRICTED, SUSPENDED …
ALTER TABLE phone_numbers ADD COLUMN pin BLOB;
ALTER TABLE phone_numbers ADD COLUMN registered_at INTEGER;
ALTER TABLE phone_numbers ADD COLUMN name_status TEXT;
ALTER TABLE phone_numbers ADD COLUMN on_business_app INTEGER;
ALTER TABLE phone_numbers ADD COLUMN standing TEXT;
ALTER TABLE phone_numbers ADD COLUMN standing_detail TEXT;
ALTER TABLE phone_numbers ADD COLUMN override_callback TEXT;
