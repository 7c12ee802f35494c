-- Every administrative act. Each row's hash covers the row and the hash before it.
CREATE TABLE audit_log (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    tenant_id UUID,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT,
    target_name TEXT,
    before TEXT,
    after TEXT,
    ip TEXT,
    user_agent TEXT,
    hash BYTEA NOT NULL
);

CREATE INDEX audit_log_tenant ON audit_log (tenant_id, seq);

-- The end of the chain: its row is locked while a row is added, and shows when the end was cut off.
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, ''::bytea);
