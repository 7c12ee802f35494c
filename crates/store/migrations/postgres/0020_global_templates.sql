-- Templates that the platform writes once and shares to the accounts of its tenants.
-- version: the newest one that was written, 0 while there is none; rolled_out: the one that accounts are to have.
CREATE TABLE global_templates (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    everyone BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    rolled_out BIGINT,
    library_name TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE UNIQUE INDEX global_templates_name ON global_templates (name) WHERE deleted_at IS NULL;

-- Who gets one that is not for everyone.
CREATE TABLE global_template_tenants (
    global_id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    PRIMARY KEY (global_id, tenant_id)
);

-- What each version says in each language. library: what Meta is told instead of components (JSON).
CREATE TABLE global_template_contents (
    global_id UUID NOT NULL,
    version BIGINT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    parameter_format TEXT NOT NULL,
    components TEXT NOT NULL,
    ttl_seconds BIGINT,
    library TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (global_id, version, language)
);

-- A global template in one account and language. version: the one wanted; done_version: the one that Meta has taken.
-- state: queued, creating (Meta was asked, the outcome is not known), done, failed, skipped. status: Meta's word.
CREATE TABLE global_placements (
    global_id UUID NOT NULL,
    waba_id TEXT NOT NULL,
    language TEXT NOT NULL,
    version BIGINT NOT NULL,
    done_version BIGINT,
    state TEXT NOT NULL,
    status TEXT,
    category TEXT,
    rejected_reason TEXT,
    meta_id TEXT,
    resubmit BOOLEAN NOT NULL,
    waits_for TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    begun_at BIGINT,
    error_code BIGINT,
    error_title TEXT,
    error_what TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (global_id, waba_id, language)
);

CREATE INDEX global_placements_waba ON global_placements (waba_id, state);

-- What Meta was asked to do in an account lately: its limits count creations and calls in an hour, edits in a day and a month.
CREATE TABLE template_acts (
    id UUID NOT NULL PRIMARY KEY,
    waba_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    meta_id TEXT,
    calls BIGINT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX template_acts_waba ON template_acts (waba_id, at);
