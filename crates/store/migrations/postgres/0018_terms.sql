-- How a message was to leave (JSON), where that was not as its type usually does: who sends it again means the same.
ALTER TABLE messages ADD COLUMN terms TEXT;
