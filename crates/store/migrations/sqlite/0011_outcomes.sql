-- What became of outgoing messages. `messages` keeps how far each has come; here stands what a person has
-- to see: what did not arrive, and what happened on the way beyond the ordinary.
ALTER TABLE messages ADD COLUMN accepted_at INTEGER;

-- Messages that failed, expired or were cancelled, until somebody has dealt with them. A table of its own:
-- an index of messages over their status would make every status of every message dearer.
CREATE TABLE dead_letters (
    message_id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    phone_number_id TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    code INTEGER NOT NULL,
    batch TEXT,
    state TEXT NOT NULL,
    died_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letters_tenant ON dead_letters (tenant_id, state, message_id);

-- What happened to a message on its way that was not ordinary: refusals, waits, doubts, decisions.
CREATE TABLE message_events (
    message_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    tenant_id BLOB NOT NULL,
    code INTEGER,
    detail TEXT,
    data TEXT,
    PRIMARY KEY (message_id, at, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_events_age ON message_events (at);
