-- Kinds of the values of templates that come out of Meta's library (NUMBER, AMOUNT, DATE …), as a JSON list: a send is
-- judged by them. An empty list: Meta names none.
CREATE TABLE library_types (
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    types TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    PRIMARY KEY (name, language)
) STRICT, WITHOUT ROWID;
