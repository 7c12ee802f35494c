-- What a person chose about marketing messages, as Meta tells it: stop or resume, and when.
ALTER TABLE contacts ADD COLUMN marketing_choice TEXT;
ALTER TABLE contacts ADD COLUMN marketing_chosen_at BIGINT;
