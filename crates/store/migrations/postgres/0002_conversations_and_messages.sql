-- People, conversations and messages. The hot tables carry no foreign keys: the projector writes them
-- in one transaction and a check per row would cost as much as the row.
CREATE TABLE contacts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    name TEXT,
    wa_id TEXT,
    phone TEXT,
    bsuid TEXT,
    username TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX contacts_tenant ON contacts (tenant_id, id);

-- A person is found by any of their identities; the pair belongs to one contact of a tenant.
CREATE TABLE contact_identities (
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, kind, value)
);

CREATE TABLE conversations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    phone_number_id TEXT NOT NULL,
    contact_id UUID NOT NULL,
    status TEXT NOT NULL,
    unread_count BIGINT NOT NULL,
    last_message_id UUID,
    last_message_preview TEXT,
    last_message_direction TEXT,
    last_message_at BIGINT NOT NULL,
    last_inbound_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX conversations_pair ON conversations (tenant_id, contact_id, phone_number_id);
CREATE INDEX conversations_recent ON conversations (tenant_id, last_message_at, id);

-- content: what Meta sent, or what Meta is sent, to the letter.
CREATE TABLE messages (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    contact_id UUID NOT NULL,
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
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    played_at BIGINT,
    failed_at BIGINT,
    occurred_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX messages_wamid ON messages (wamid, phone_number_id);
CREATE INDEX messages_thread ON messages (conversation_id, id);
CREATE INDEX messages_tenant ON messages (tenant_id, id);

-- Statuses that came before the message they belong to.
CREATE TABLE early_statuses (
    phone_number_id TEXT NOT NULL,
    wamid TEXT NOT NULL,
    progress TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (phone_number_id, wamid)
);
