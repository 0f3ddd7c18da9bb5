CREATE TABLE transfers (
    id BIGINT PRIMARY KEY,
    giver TEXT NOT NULL REFERENCES accounts (name),
    taker TEXT NOT NULL REFERENCES accounts (name),
    amount BIGINT NOT NULL CHECK (amount > 0)
);
