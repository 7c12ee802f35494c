-- What failed lately, by number and code.
CREATE INDEX dead_letters_late ON dead_letters (died_at, status, phone_number_id, code);
