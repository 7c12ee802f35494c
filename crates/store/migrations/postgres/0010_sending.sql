-- What holds a message back and until when, when it is too late for it, and the label under which it can
-- be paused and cancelled. `queued` is what may leave now; `held` waits, for a moment (hold_until) or for
-- somebody (none); `sending` was handed to the network.
ALTER TABLE outbox ADD COLUMN conversation_id UUID;
ALTER TABLE outbox ADD COLUMN template TEXT;
ALTER TABLE outbox ADD COLUMN endpoint TEXT;
ALTER TABLE outbox ADD COLUMN batch TEXT;
ALTER TABLE outbox ADD COLUMN hold TEXT;
ALTER TABLE outbox ADD COLUMN hold_until BIGINT;
ALTER TABLE outbox ADD COLUMN send_before BIGINT;

UPDATE outbox SET conversation_id = (SELECT m.conversation_id FROM messages m WHERE m.id = outbox.id);
UPDATE outbox SET state = 'held', hold = 'retry', hold_until = next_at WHERE state = 'queued' AND next_at > created_at;

-- Each index holds only the rows that its question is about: a message that is sent without any trouble
-- enters two of them.
DROP INDEX outbox_due;
DROP INDEX outbox_waiting;
DROP INDEX outbox_unsettled;
CREATE INDEX outbox_due ON outbox (phone_number_id, tenant_id, lane, id) WHERE state = 'queued';
CREATE INDEX outbox_claimed ON outbox (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX outbox_held ON outbox (hold_until, id) WHERE state = 'held';
CREATE INDEX outbox_unsettled ON outbox (settle_at) WHERE settle_at IS NOT NULL;
CREATE INDEX outbox_uncertain ON outbox (tenant_id, id) WHERE state = 'uncertain';
CREATE INDEX outbox_expiry ON outbox (send_before) WHERE send_before IS NOT NULL;
CREATE INDEX outbox_batch ON outbox (tenant_id, batch, state) WHERE batch IS NOT NULL;

-- The label, the message that this one sends again, the one that sends this again, and when it was
-- cancelled or expired.
ALTER TABLE messages ADD COLUMN batch TEXT;
ALTER TABLE messages ADD COLUMN retry_of UUID;
ALTER TABLE messages ADD COLUMN retried_as UUID;
ALTER TABLE messages ADD COLUMN ended_at BIGINT;
CREATE INDEX messages_batch ON messages (tenant_id, batch, id) WHERE batch IS NOT NULL;

-- The labels in use, so that the latest are found without reading their messages.
CREATE TABLE batches (
    tenant_id UUID NOT NULL,
    batch TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, batch)
);

CREATE INDEX batches_recent ON batches (tenant_id, last_at);

-- What somebody has paused. scope: tenant, number, batch (by the tenant), platform_tenant, platform_number.
CREATE TABLE pauses (
    key TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    tenant_id UUID,
    value TEXT,
    at BIGINT NOT NULL,
    paused_by TEXT NOT NULL,
    reason TEXT
);

-- What sending has taught about a number: how much of its throughput is used and why, and what it waits
-- for when something has to be mended first.
CREATE TABLE number_pace (
    phone_number_id TEXT NOT NULL PRIMARY KEY,
    factor_permille BIGINT NOT NULL,
    slowed_until BIGINT,
    slowed_code BIGINT,
    slowed_reason TEXT,
    hold TEXT,
    hold_code BIGINT,
    hold_until BIGINT,
    hold_since BIGINT,
    hold_explanation TEXT,
    probes BIGINT NOT NULL,
    sent_last_minute BIGINT NOT NULL,
    counted_at BIGINT NOT NULL
);

-- Templates that Meta has paused or switched off; one message at a time tries whether it is over.
CREATE TABLE template_holds (
    phone_number_id TEXT NOT NULL,
    template TEXT NOT NULL,
    code BIGINT NOT NULL,
    explanation TEXT NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    probes BIGINT NOT NULL,
    PRIMARY KEY (phone_number_id, template)
);

-- Whom a portfolio has written to outside service windows, and when last: Meta's limit counts those of the
-- last 24 hours. While Meta has not named the portfolio, a WABA stands for it.
CREATE TABLE budget_users (
    portfolio TEXT NOT NULL,
    recipient TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (portfolio, recipient)
);

CREATE INDEX budget_users_at ON budget_users (portfolio, at);

ALTER TABLE wabas ADD COLUMN portfolio_id TEXT;

-- JSON {"from":"21:00","to":"09:00","time_zone":"Europe/Madrid"}: when mailings rest.
ALTER TABLE tenants ADD COLUMN quiet_hours TEXT;
