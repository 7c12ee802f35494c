-- Full text over messages and contacts. The index follows its tables from behind: the work of indexing is no part
-- of receiving or sending a message.

-- One row: how far the index has come. Messages up to `head` are indexed as they came; up to `swept` it was looked
-- whether one came late; older ones than `below` wait for their turn (null: none), contacts after `contacts` as well.
CREATE TABLE search_state (
    name TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    head UUID NOT NULL,
    swept UUID NOT NULL,
    below UUID,
    contacts UUID,
    top BIGINT NOT NULL,
    bottom BIGINT NOT NULL
);

-- The place of a message in the index: newer ones have greater numbers.
CREATE TABLE search_messages (
    seq BIGINT NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    message_id UUID NOT NULL,
    conversation_id UUID NOT NULL
);

CREATE UNIQUE INDEX search_messages_message ON search_messages (message_id);
CREATE INDEX search_messages_tenant ON search_messages (tenant_id, seq);

CREATE TABLE search_contacts (
    seq BIGINT NOT NULL PRIMARY KEY,
    tenant_id UUID NOT NULL,
    contact_id UUID NOT NULL
);

CREATE UNIQUE INDEX search_contacts_contact ON search_contacts (contact_id);

-- What was changed after it was indexed, or is to be indexed though it has no message.
CREATE TABLE search_again (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL
);

-- The words themselves, each text's folded already; neither the texts nor the places of words in them are kept.
-- They are made into a tsvector word by word, so no text search configuration and no locale has a say.
CREATE TABLE search_words (seq BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX search_words_words ON search_words USING gin (words);
CREATE TABLE search_names (seq BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX search_names_words ON search_names USING gin (words);

-- Whoever deletes or changes a row need not know of the index. A deletion waits for the batch that is being
-- indexed, and the next batch for it: else that batch might bring back what is deleted at the same moment.
CREATE FUNCTION search_message_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM search_state FOR SHARE;
    DELETE FROM search_words WHERE seq = (SELECT seq FROM search_messages WHERE message_id = OLD.id);
    DELETE FROM search_messages WHERE message_id = OLD.id;
    DELETE FROM search_again WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_message_gone AFTER DELETE ON messages FOR EACH ROW EXECUTE FUNCTION search_message_gone();

-- The row is written even where it stands already: so a change and the batch that takes the row wait for each other.
CREATE FUNCTION search_message_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_again (id, kind) VALUES (NEW.id, 'message') ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind;
    RETURN NULL;
END $$;
CREATE TRIGGER search_message_changed AFTER UPDATE OF text, content ON messages FOR EACH ROW
WHEN (NEW.text IS DISTINCT FROM OLD.text OR NEW.content IS DISTINCT FROM OLD.content)
EXECUTE FUNCTION search_message_changed();

CREATE FUNCTION search_contact_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM search_state FOR SHARE;
    DELETE FROM search_names WHERE seq = (SELECT seq FROM search_contacts WHERE contact_id = OLD.id);
    DELETE FROM search_contacts WHERE contact_id = OLD.id;
    DELETE FROM search_again WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_contact_gone AFTER DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION search_contact_gone();

CREATE FUNCTION search_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_again (id, kind) VALUES (NEW.id, 'contact') ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind;
    RETURN NULL;
END $$;
CREATE TRIGGER search_contact_changed AFTER UPDATE OF name, wa_id, phone, username ON contacts FOR EACH ROW
WHEN (NEW.name IS DISTINCT FROM OLD.name OR NEW.wa_id IS DISTINCT FROM OLD.wa_id OR NEW.phone IS DISTINCT FROM OLD.phone
    OR NEW.username IS DISTINCT FROM OLD.username)
EXECUTE FUNCTION search_contact_changed();
