-- What the platform is at Meta, as far as it was typed on the page "Platform → Set-up": a value, or a sealed secret.
-- A setting that was emptied keeps its row, so that every process sees that it changed.
CREATE TABLE platform_settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT,
    sealed BLOB,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Links by which a business sets itself up. Only a hash of the link's secret is kept. tenant_id: the tenant that
-- connects with it; of a link for somebody new, the tenant that was made with it (account_at says when).
CREATE TABLE setup_links (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    tenant_id BLOB REFERENCES tenants (id),
    for_whom TEXT NOT NULL,
    language TEXT NOT NULL,
    brand_name TEXT,
    brand_colour TEXT,
    logo BLOB,
    return_url TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    account_at INTEGER,
    used_at INTEGER,
    connection_id BLOB,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX setup_links_hash ON setup_links (hash);
CREATE INDEX setup_links_tenant ON setup_links (tenant_id, id);
