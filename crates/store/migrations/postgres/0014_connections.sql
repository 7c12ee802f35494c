-- The ways in which tenants are connected to WhatsApp, and what happened on the way there.
-- way: shared (a number of the platform's own WABA), solution_partner, tech_provider, own_credentials.
-- state: connecting, connected, action_needed (problem says what), disconnected (the rows stay, for the history).
CREATE TABLE connections (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    waba_id TEXT,
    business_id TEXT,
    business_name TEXT,
    coexistence BOOLEAN NOT NULL,
    billing_mode TEXT NOT NULL,
    allocation_id TEXT,
    problem TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    connected_at BIGINT,
    disconnected_at BIGINT,
    disconnect_reason TEXT
);

CREATE INDEX connections_tenant ON connections (tenant_id, id);
-- A customer's WABA is connected once; the platform's own may be shared out to many.
CREATE UNIQUE INDEX connections_waba ON connections (waba_id) WHERE state <> 'disconnected' AND way <> 'shared';

-- One attempt to connect, or to connect again. What the browser said is kept as a claim; the code is sealed and
-- forgotten when it has been exchanged; its digest stays, so that the same code is never a second attempt.
CREATE TABLE onboarding_runs (
    id UUID NOT NULL PRIMARY KEY,
    connection_id UUID NOT NULL REFERENCES connections (id),
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    claims TEXT NOT NULL,
    code_digest TEXT UNIQUE,
    code BYTEA,
    token BYTEA,
    cause TEXT,
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX onboarding_runs_connection ON onboarding_runs (connection_id, id);
CREATE INDEX onboarding_runs_open ON onboarding_runs (id) WHERE state IN ('running', 'waiting');

-- The steps of a run, in their order. state: pending, running, done, skipped, failed.
CREATE TABLE onboarding_steps (
    run_id UUID NOT NULL REFERENCES onboarding_runs (id),
    position BIGINT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    cause TEXT,
    detail TEXT,
    result TEXT,
    began_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (run_id, position)
);

-- What is known of a WABA's token, and of the WABA. token_state: valid, expiring, invalid, none.
ALTER TABLE wabas ADD COLUMN token_state TEXT;
ALTER TABLE wabas ADD COLUMN token_expires_at BIGINT;
ALTER TABLE wabas ADD COLUMN token_scopes TEXT;
ALTER TABLE wabas ADD COLUMN token_checked_at BIGINT;
ALTER TABLE wabas ADD COLUMN token_warned_days BIGINT;
ALTER TABLE wabas ADD COLUMN business_id TEXT;
ALTER TABLE wabas ADD COLUMN currency TEXT;
ALTER TABLE wabas ADD COLUMN timezone_id TEXT;
ALTER TABLE wabas ADD COLUMN template_namespace TEXT;
ALTER TABLE wabas ADD COLUMN review_status TEXT;
ALTER TABLE wabas ADD COLUMN standing TEXT;
ALTER TABLE wabas ADD COLUMN standing_detail TEXT;
ALTER TABLE wabas ADD COLUMN override_callback TEXT;

-- The PIN of two-step verification is sealed. standing: CONNECTED, DISCONNECTED, BANNED, RESTRICTED, SUSPENDED …
ALTER TABLE phone_numbers ADD COLUMN pin BYTEA;
ALTER TABLE phone_numbers ADD COLUMN registered_at BIGINT;
ALTER TABLE phone_numbers ADD COLUMN name_status TEXT;
ALTER TABLE phone_numbers ADD COLUMN on_business_app BOOLEAN;
ALTER TABLE phone_numbers ADD COLUMN standing TEXT;
ALTER TABLE phone_numbers ADD COLUMN standing_detail TEXT;
ALTER TABLE phone_numbers ADD COLUMN override_callback TEXT;
