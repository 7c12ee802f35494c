-- Who uploaded a file: whoever sees only their own conversations sends their own files and those that stand in theirs.
ALTER TABLE media_uploads ADD COLUMN uploaded_by UUID;

-- Meta's id of what a customer sent, by which it can be sent on. Empty for what came before.
ALTER TABLE message_media ADD COLUMN meta_id TEXT;

CREATE INDEX message_media_meta_id ON message_media (meta_id) WHERE meta_id IS NOT NULL;
