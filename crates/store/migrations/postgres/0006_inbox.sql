-- Work in the inbox: who has a conversation, until when it sleeps, who wrote a message, quick replies,
-- and a tenant's own switch.
ALTER TABLE conversations ADD COLUMN assigned_to UUID;
ALTER TABLE conversations ADD COLUMN assigned_at BIGINT;
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;

-- The user who wrote it, where it was one.
ALTER TABLE messages ADD COLUMN author_id UUID;

ALTER TABLE tenants ADD COLUMN whatsapp_enabled BOOLEAN NOT NULL DEFAULT TRUE;

-- Lists of conversations are narrowed inside the index: every column that a filter asks about stands behind
-- the order, so that rows which do not fit are passed over without being read.
DROP INDEX conversations_recent;
CREATE INDEX conversations_recent ON conversations (tenant_id, last_message_at, id, status, assigned_to, unread_count, phone_number_id);
CREATE INDEX conversations_inbox ON conversations (tenant_id, status, last_message_at, id, assigned_to, unread_count, phone_number_id);
CREATE INDEX conversations_mine ON conversations (tenant_id, assigned_to, last_message_at, id, status, unread_count, phone_number_id) WHERE assigned_to IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Texts that are typed often, called by /shortcut.
CREATE TABLE quick_replies (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    shortcut TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX quick_replies_shortcut ON quick_replies (tenant_id, shortcut);
