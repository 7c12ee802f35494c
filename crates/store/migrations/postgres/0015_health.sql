-- How accounts and numbers stand with Meta, aspect by aspect, each as Meta last told it by the time of the event.
-- phone_number_id is empty where the whole account is meant. ends_at: when it is over by itself.
CREATE TABLE standings (
    waba_id TEXT NOT NULL,
    phone_number_id TEXT NOT NULL,
    aspect TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    ends_at BIGINT,
    PRIMARY KEY (waba_id, phone_number_id, aspect)
);

CREATE INDEX standings_ends ON standings (ends_at) WHERE ends_at IS NOT NULL;

-- What somebody should know of. scope is the tenant's id, or 'platform'; a thing is told once while it lasts, and
-- again when its stage changes. told_at: when e-mails went out.
CREATE TABLE alerts (
    id UUID NOT NULL PRIMARY KEY,
    tenant_id UUID,
    scope TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    severity TEXT NOT NULL,
    stage TEXT NOT NULL,
    parameters TEXT NOT NULL,
    since BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    told_at BIGINT,
    resolved_at BIGINT,
    dismissed_at BIGINT,
    dismissed_by TEXT
);

CREATE UNIQUE INDEX alerts_open ON alerts (scope, kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_scope ON alerts (scope, id);

-- When a token was last renewed, or tried to be; since when the token that is stored works.
ALTER TABLE wabas ADD COLUMN token_renewed_at BIGINT;
ALTER TABLE wabas ADD COLUMN token_works_since BIGINT;
