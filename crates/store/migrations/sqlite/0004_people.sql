-- People who sign in. A user may be a member of several tenants, a platform administrator, or both.
CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret BLOB,
    totp_on INTEGER NOT NULL,
    totp_last_step INTEGER NOT NULL,
    language TEXT NOT NULL,
    theme TEXT NOT NULL,
    platform_admin INTEGER NOT NULL,
    status TEXT NOT NULL,
    last_sign_in_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An address signs in one user. It is kept in lower case.
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE members (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_user ON members (user_id);

-- Only the hash of the cookie's secret is kept. A session that ended has no row.
CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    hash BLOB NOT NULL,
    user_agent TEXT,
    ip TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sessions_hash ON sessions (hash);
CREATE INDEX sessions_user ON sessions (user_id, id);

-- Into a tenant with a role, or (without a tenant) into the platform's administration.
CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB REFERENCES tenants (id),
    email TEXT,
    role TEXT,
    hash BLOB NOT NULL,
    created_by BLOB,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE INDEX invitations_tenant ON invitations (tenant_id, id);

CREATE TABLE password_resets (
    hash BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX password_resets_user ON password_resets (user_id);

-- Wrong guesses by account and by address; a subject without a row has none.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys get scopes; those made before may do what they could do then.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN created_by BLOB;
UPDATE api_keys SET scopes = 'inbox:read inbox:write contacts:read contacts:write settings:read settings:write' WHERE tenant_id IS NOT NULL;
UPDATE api_keys SET scopes = 'platform:read platform:write platform:people platform:audit' WHERE tenant_id IS NULL;
