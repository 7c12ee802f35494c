-- Message templates, one row for each language of each account. status is Meta's word; DRAFT is ours, and has no
-- meta_id. submitted_at: when Meta was last asked to make it; a draft that has one may be at Meta already.
-- owner_tenant: on a shared account, whose own it is; none: everybody's there. became_marketing_at: Meta changed the
-- category to MARKETING, and until marketing_accepted_at nobody has said that what waits shall go.
CREATE TABLE templates (
    id UUID NOT NULL PRIMARY KEY,
    waba_id TEXT NOT NULL,
    meta_id TEXT,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    previous_category TEXT,
    correct_category TEXT,
    category_changes_at BIGINT,
    became_marketing_at BIGINT,
    marketing_accepted_at BIGINT,
    parameter_format TEXT NOT NULL,
    components TEXT NOT NULL,
    status TEXT NOT NULL,
    status_at BIGINT NOT NULL,
    rejected_reason TEXT,
    rejection TEXT,
    quality TEXT,
    quality_at BIGINT NOT NULL,
    paused_until BIGINT,
    ttl_seconds BIGINT,
    library_name TEXT,
    owner_tenant UUID,
    global_id UUID,
    global_version BIGINT,
    submitted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    synced_at BIGINT,
    deleted_at BIGINT
);

CREATE UNIQUE INDEX templates_name ON templates (waba_id, name, language) WHERE deleted_at IS NULL;
CREATE INDEX templates_meta ON templates (meta_id) WHERE meta_id IS NOT NULL;
CREATE INDEX templates_global ON templates (global_id) WHERE global_id IS NOT NULL;
CREATE INDEX templates_stopped ON templates (waba_id, name)
    WHERE deleted_at IS NULL AND (status IN ('PAUSED', 'DISABLED', 'REJECTED') OR became_marketing_at IS NOT NULL OR correct_category IS NOT NULL);

-- What happened to a template. kind: created, edited, status, quality, category_announced, category, components,
-- deleted …; source: webhook, sync, person, platform.
CREATE TABLE template_history (
    id UUID NOT NULL PRIMARY KEY,
    template_id UUID NOT NULL REFERENCES templates (id),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    before TEXT,
    after TEXT,
    detail TEXT,
    source TEXT NOT NULL
);

CREATE INDEX template_history_template ON template_history (template_id, id);

-- How often the templates of an account have changed, and when Meta's whole list was last held against them.
CREATE TABLE template_books (
    waba_id TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    synced_at BIGINT,
    problem TEXT
);
