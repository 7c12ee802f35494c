-- Who uses the installation, and which numbers they have.
CREATE TABLE tenants (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    welcome_text TEXT,
    fallback_allowed INTEGER NOT NULL,
    uncertain_policy TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A WhatsApp Business Account. The platform's own ones have no tenant.
CREATE TABLE wabas (
    waba_id TEXT NOT NULL PRIMARY KEY,
    tenant_id BLOB REFERENCES tenants (id),
    name TEXT NOT NULL,
    access_token BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A business phone number: in the pool (no tenant) or assigned to exactly one tenant.
CREATE TABLE phone_numbers (
    phone_number_id TEXT NOT NULL PRIMARY KEY,
    waba_id TEXT NOT NULL REFERENCES wabas (waba_id),
    tenant_id BLOB REFERENCES tenants (id),
    display_phone_number TEXT NOT NULL,
    verified_name TEXT,
    code_verification_status TEXT,
    quality_rating TEXT,
    messaging_limit TEXT,
    throughput_level TEXT,
    status TEXT,
    messages_per_second INTEGER NOT NULL,
    is_fallback INTEGER NOT NULL,
    assigned_at INTEGER,
    refreshed_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A tenant's numbers.
CREATE INDEX phone_numbers_tenant ON phone_numbers (tenant_id);

-- API keys of tenants and (without a tenant) of the platform. Only the hash of the secret is kept.
CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB REFERENCES tenants (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);
