-- Who uses the installation, and which numbers they have.
CREATE TABLE tenants (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    welcome_text TEXT,
    fallback_allowed BOOLEAN NOT NULL,
    uncertain_policy TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A WhatsApp Business Account. The platform's own ones have no tenant.
CREATE TABLE wabas (
    waba_id TEXT NOT NULL PRIMARY KEY,
    tenant_id UUID REFERENCES tenants (id),
    name TEXT NOT NULL,
    access_token BYTEA,
    created_at BIGINT NOT NULL
);

-- A business phone number: in the pool (no tenant) or assigned to exactly one tenant.
CREATE TABLE phone_numbers (
    phone_number_id TEXT NOT NULL PRIMARY KEY,
    waba_id TEXT NOT NULL REFERENCES wabas (waba_id),
    tenant_id UUID REFERENCES tenants (id),
    display_phone_number TEXT NOT NULL,
    verified_name TEXT,
    code_verification_status TEXT,
    quality_rating TEXT,
    messaging_limit TEXT,
    throughput_level TEXT,
    status TEXT,
    messages_per_second BIGINT NOT NULL,
    is_fallback BOOLEAN NOT NULL,
    assigned_at BIGINT,
    refreshed_at BIGINT,
    created_at BIGINT NOT NULL
);

-- A tenant's numbers.
CREATE INDEX phone_numbers_tenant ON phone_numbers (tenant_id);

-- API keys of tenants and (without a tenant) of the platform. Only the hash of the secret is kept.
CREATE TABLE api_keys (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID REFERENCES tenants (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);
