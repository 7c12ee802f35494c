-- The newest event of each key of a rule, and whether it cancelled what belongs to the key: an older one that comes later,
-- or is tried again later, leads to nothing. occurred_at: the latest that any event of the key has told.
CREATE TABLE notification_keys (
    rule_id BLOB NOT NULL,
    key TEXT NOT NULL,
    tenant_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    occurred_at INTEGER,
    cancelled INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (rule_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_keys_age ON notification_keys (at);

INSERT INTO notification_keys (rule_id, key, tenant_id, event_id, occurred_at, cancelled, at)
    SELECT r.rule_id, r.key, r.tenant_id, r.event_id, e.occurred_at, 0, r.updated_at FROM notification_results r JOIN events e ON e.id = r.event_id
    WHERE r.state = 'scheduled' AND r.key IS NOT NULL ORDER BY r.event_id DESC ON CONFLICT (rule_id, key) DO NOTHING;

-- What a later event cancels: also what is held, or about to be tried again.
DROP INDEX notification_results_keys;
CREATE INDEX notification_results_open ON notification_results (tenant_id, rule_id, key) WHERE state IN ('scheduled', 'held', 'retrying');

-- What a person may try again.
DROP INDEX notification_results_held;
CREATE INDEX notification_results_stuck ON notification_results (tenant_id, event_id) WHERE state IN ('held', 'failed');

-- From a message that did not arrive to the event that led to it.
CREATE INDEX notification_results_message ON notification_results (message_id) WHERE message_id IS NOT NULL;

-- What waits, by tenant: each has its turn.
DROP INDEX events_waiting;
CREATE INDEX events_turns ON events (tenant_id, id) WHERE state = 'waiting';
