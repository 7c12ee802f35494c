-- What other systems reported. state: waiting until the rules were applied (the row itself is the queue); then what
-- became of it: ignored (no rule), skipped, sent, scheduled, cancelled, held, failed. digest: SHA-256 of the content, so
-- that the same id with another content is noticed.
CREATE TABLE events (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    digest BYTEA NOT NULL,
    occurred_at BIGINT,
    source_id UUID,
    state TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT
);

CREATE UNIQUE INDEX events_event ON events (tenant_id, event_id);
CREATE INDEX events_waiting ON events (id) WHERE state = 'waiting';
CREATE INDEX events_tenant ON events (tenant_id, id);
CREATE INDEX events_received ON events (received_at);

-- By which events become messages; body is the rule as it was written (JSON).
CREATE TABLE notification_rules (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    event_type TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX notification_rules_tenant ON notification_rules (tenant_id, id);

-- What each rule made of an event: at most one row, so that an event that is handled twice is sent once. state: sent,
-- scheduled (until due_at), cancelled, skipped, held, failed, retrying. The rule's name stays when the rule is gone.
CREATE TABLE notification_results (
    event_id UUID NOT NULL REFERENCES events (id),
    rule_id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    rule_name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    message_id UUID,
    due_at BIGINT,
    key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (event_id, rule_id)
);

CREATE INDEX notification_results_due ON notification_results (due_at) WHERE state = 'scheduled';
CREATE INDEX notification_results_held ON notification_results (tenant_id) WHERE state = 'held';
CREATE INDEX notification_results_keys ON notification_results (tenant_id, rule_id, key) WHERE state = 'scheduled';

-- Addresses at which systems report that can only post. settings: where type, id and data stand in what they post
-- (JSON); secret: sealed.
CREATE TABLE event_sources (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_at BIGINT
);

CREATE INDEX event_sources_tenant ON event_sources (tenant_id, id);

-- When a person asked the business not to write to them at all.
ALTER TABLE contacts ADD COLUMN opted_out_at BIGINT;
