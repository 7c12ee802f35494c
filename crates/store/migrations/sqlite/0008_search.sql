-- Full text over messages and contacts. The index follows its tables from behind: the work of indexing is no part
-- of receiving or sending a message.

-- One row: how far the index has come. Messages up to `head` are indexed as they came; up to `swept` it was looked
-- whether one came late; older ones than `below` wait for their turn (null: none), contacts after `contacts` as well.
CREATE TABLE search_state (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    head BLOB NOT NULL,
    swept BLOB NOT NULL,
    below BLOB,
    contacts BLOB,
    top INTEGER NOT NULL,
    bottom INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The place of a message in the index: newer ones have greater numbers.
CREATE TABLE search_messages (
    seq INTEGER NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX search_messages_message ON search_messages (message_id);
CREATE INDEX search_messages_tenant ON search_messages (tenant_id, seq);

CREATE TABLE search_contacts (
    seq INTEGER NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    contact_id BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX search_contacts_contact ON search_contacts (contact_id);

-- What was changed after it was indexed, or is to be indexed though it has no message.
CREATE TABLE search_again (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The words themselves, each text's apart by spaces and folded already: the rowid is the seq above. Neither the
-- texts nor the places of words in them are kept. Beginnings of up to four letters have lists of their own.
CREATE VIRTUAL TABLE search_words USING fts5(
    words, content = '', contentless_delete = 1, detail = 'column', prefix = '2 3 4',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* S* Co'"
);
CREATE VIRTUAL TABLE search_names USING fts5(
    words, content = '', contentless_delete = 1, detail = 'column', prefix = '2 3 4',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* S* Co'"
);

-- Whoever deletes or changes a row need not know of the index.
CREATE TRIGGER search_message_gone AFTER DELETE ON messages BEGIN
    DELETE FROM search_words WHERE rowid = (SELECT seq FROM search_messages WHERE message_id = OLD.id);
    DELETE FROM search_messages WHERE message_id = OLD.id;
    DELETE FROM search_again WHERE id = OLD.id;
END;

CREATE TRIGGER search_message_changed AFTER UPDATE OF text, content ON messages
WHEN NEW.text IS NOT OLD.text OR NEW.content IS NOT OLD.content BEGIN
    INSERT INTO search_again (id, kind) VALUES (NEW.id, 'message') ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER search_contact_gone AFTER DELETE ON contacts BEGIN
    DELETE FROM search_names WHERE rowid = (SELECT seq FROM search_contacts WHERE contact_id = OLD.id);
    DELETE FROM search_contacts WHERE contact_id = OLD.id;
    DELETE FROM search_again WHERE id = OLD.id;
END;

CREATE TRIGGER search_contact_changed AFTER UPDATE OF name, wa_id, phone, username ON contacts
WHEN NEW.name IS NOT OLD.name OR NEW.wa_id IS NOT OLD.wa_id OR NEW.phone IS NOT OLD.phone OR NEW.username IS NOT OLD.username BEGIN
    INSERT INTO search_again (id, kind) VALUES (NEW.id, 'contact') ON CONFLICT DO NOTHING;
END;
