-- People who sign in. A user may be a member of several tenants, a platform administrator, or both.
CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret BYTEA,
    totp_on BOOLEAN NOT NULL,
    totp_last_step BIGINT NOT NULL,
    language TEXT NOT NULL,
    theme TEXT NOT NULL,
    platform_admin BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    last_sign_in_at BIGINT,
    created_at BIGINT NOT NULL
);

-- An address signs in one user. It is kept in lower case.
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE members (
    tenant_id UUID NOT NULL REFERENCES tenants (id),
    user_id UUID NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE INDEX members_user ON members (user_id);

-- Only the hash of the cookie's secret is kept. A session that ended has no row.
CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    hash BYTEA NOT NULL,
    user_agent TEXT,
    ip TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX sessions_hash ON sessions (hash);
CREATE INDEX sessions_user ON sessions (user_id, id);

-- Into a tenant with a role, or (without a tenant) into the platform's administration.
CREATE TABLE invitations (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID REFERENCES tenants (id),
    email TEXT,
    role TEXT,
    hash BYTEA NOT NULL,
    created_by UUID,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE INDEX invitations_tenant ON invitations (tenant_id, id);

CREATE TABLE password_resets (
    hash BYTEA NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX password_resets_user ON password_resets (user_id);

-- Wrong guesses by account and by address; a subject without a row has none.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Keys get scopes; those made before may do what they could do then.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN created_by UUID;
UPDATE api_keys SET scopes = 'inbox:read inbox:write contacts:read contacts:write settings:read settings:write' WHERE tenant_id IS NOT NULL;
UPDATE api_keys SET scopes = 'platform:read platform:write platform:people platform:audit' WHERE tenant_id IS NULL;
