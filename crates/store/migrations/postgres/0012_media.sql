-- Files: what messages carry and what was uploaded for sending. The bytes lie in the object store under
-- tenant and SHA-256; these tables say what is there.

-- What a tenant's files take, and how much and how long it may keep.
CREATE TABLE media_accounts (
    tenant_id UUID NOT NULL PRIMARY KEY,
    quota_bytes BIGINT,
    retention_days BIGINT,
    bytes BIGINT NOT NULL,
    files BIGINT NOT NULL
);

-- A content, once for each tenant. `writing` before its bytes are written and `deleting` before they are
-- removed: whatever a crash leaves in the object store has a row by which it is found.
CREATE TABLE media_files (
    tenant_id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    thumbnail TEXT,
    width BIGINT,
    height BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);

CREATE INDEX media_files_unfinished ON media_files (state, updated_at) WHERE state <> 'stored';

-- The medium of a message. It is its own durable job: `next_at` says when it is fetched, and is empty when
-- there is nothing more to do.
CREATE TABLE message_media (
    message_id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    phone_number_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    sha256 BYTEA,
    attempts BIGINT NOT NULL,
    next_at BIGINT,
    lease_until BIGINT,
    ends_at BIGINT NOT NULL,
    detail TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX message_media_due ON message_media (tenant_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX message_media_file ON message_media (tenant_id, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX message_media_state ON message_media (tenant_id, state, created_at);

-- Files that were uploaded for sending (`med_…`).
CREATE TABLE media_uploads (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    kind TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX media_uploads_file ON media_uploads (tenant_id, sha256);
CREATE INDEX media_uploads_age ON media_uploads (tenant_id, created_at);

-- Meta's ids of our files, until they end. Meta scopes them to the number.
CREATE TABLE media_ids (
    phone_number_id TEXT NOT NULL,
    tenant_id UUID NOT NULL,
    sha256 BYTEA NOT NULL,
    media_id TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (phone_number_id, tenant_id, sha256)
);

CREATE INDEX media_ids_id ON media_ids (media_id);
