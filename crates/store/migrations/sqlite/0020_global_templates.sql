-- Templates that the platform writes once and shares to the accounts of its tenants.
-- version: the newest one that was written, 0 while there is none; rolled_out: the one that accounts are to have.
CREATE TABLE global_templates (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    everyone INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rolled_out INTEGER,
    library_name TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX global_templates_name ON global_templates (name) WHERE deleted_at IS NULL;

-- Who gets one that is not for everyone.
CREATE TABLE global_template_tenants (
    global_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    PRIMARY KEY (global_id, tenant_id)
) STRICT, WITHOUT ROWID;

-- What each version says in each language. library: what Meta is told instead of components (JSON).
CREATE TABLE global_template_contents (
    global_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    parameter_format TEXT NOT NULL,
    components TEXT NOT NULL,
    ttl_seconds INTEGER,
    library TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (global_id, version, language)
) STRICT, WITHOUT ROWID;

-- A global template in one account and language. version: the one wanted; done_version: the one that Meta has taken.
-- state: queued, creating (Meta was asked, the outcome is not known), done, failed, skipped. status: Meta's word.
CREATE TABLE global_placements (
    global_id BLOB NOT NULL,
    waba_id TEXT NOT NULL,
    language TEXT NOT NULL,
    version INTEGER NOT NULL,
    done_version INTEGER,
    state TEXT NOT NULL,
    status TEXT,
    category TEXT,
    rejected_reason TEXT,
    meta_id TEXT,
    resubmit INTEGER NOT NULL,
    waits_for TEXT,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    begun_at INTEGER,
    error_code INTEGER,
    error_title TEXT,
    error_what TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (global_id, waba_id, language)
) STRICT, WITHOUT ROWID;

CREATE INDEX global_placements_waba ON global_placements (waba_id, state);

-- What Meta was asked to do in an account lately: its limits count creations and calls in an hour, edits in a day and a month.
CREATE TABLE template_acts (
    id BLOB NOT NULL PRIMARY KEY,
    waba_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    meta_id TEXT,
    calls INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX template_acts_waba ON template_acts (waba_id, at);
