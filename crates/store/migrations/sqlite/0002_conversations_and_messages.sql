-- People, conversations and messages. The hot tables carry no foreign keys: the projector writes them
-- in one transaction and a check per row would cost as much as the row.
CREATE TABLE contacts (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT,
    wa_id TEXT,
    phone TEXT,
    bsuid TEXT,
    username TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX contacts_tenant ON contacts (tenant_id, id);

-- A person is found by any of their identities; the pair belongs to one contact of a tenant.
CREATE TABLE contact_identities (
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    phone_number_id TEXT NOT NULL,
    contact_id BLOB NOT NULL,
    status TEXT NOT NULL,
    unread_count INTEGER NOT NULL,
    last_message_id BLOB,
    last_message_preview TEXT,
    last_message_direction TEXT,
    last_message_at INTEGER NOT NULL,
    last_inbound_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX conversations_pair ON conversations (tenant_id, contact_id, phone_number_id);
CREATE INDEX conversations_recent ON conversations (tenant_id, last_message_at, id);

-- content: what Meta sent, or what Meta is sent, to the letter.
CREATE TABLE messages (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    phone_number_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    origin TEXT NOT NULL,
    type TEXT NOT NULL,
    wamid TEXT,
    text TEXT,
    preview TEXT NOT NULL,
    content TEXT NOT NULL,
    reply_to TEXT,
    status TEXT NOT NULL,
    failure TEXT,
    pricing TEXT,
    sent_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    played_at INTEGER,
    failed_at INTEGER,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_wamid ON messages (wamid, phone_number_id);
CREATE INDEX messages_thread ON messages (conversation_id, id);
CREATE INDEX messages_tenant ON messages (tenant_id, id);

-- Statuses that came before the message they belong to.
CREATE TABLE early_statuses (
    phone_number_id TEXT NOT NULL,
    wamid TEXT NOT NULL,
    progress TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (phone_number_id, wamid)
) STRICT, WITHOUT ROWID;
