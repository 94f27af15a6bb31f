-- +goose Up
CREATE TABLE product (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    folded     TEXT    NOT NULL,             -- name and SKU, as searches compare them
    sku        TEXT    NOT NULL,
    unit       TEXT    NOT NULL,
    price      BIGINT  NOT NULL,             -- of a unit, without tax, in hundredths
    currency   TEXT    NOT NULL,
    tax        BIGINT  NOT NULL,             -- rate, in hundredths of a percent
    active     BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX product_sku ON product (sku) WHERE sku <> '';
CREATE INDEX product_folded ON product (folded, id);

-- Offers and invoices, each of a deal.
CREATE TABLE offer (
    id          TEXT PRIMARY KEY,
    kind        TEXT   NOT NULL,             -- offer, invoice
    deal        TEXT   NOT NULL,             -- of an issued invoice that outlived its deal: no deal any more
    state       TEXT   NOT NULL,
    number      TEXT   NOT NULL,             -- of an invoice: '' until it is issued
    made_from   TEXT   NOT NULL,             -- of an invoice: the offer
    language    TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    client      TEXT   NOT NULL,             -- name and address, a line each
    email       TEXT   NOT NULL,
    intro       TEXT   NOT NULL,
    note        TEXT   NOT NULL,
    date        TEXT   NOT NULL,             -- 2026-01-31
    until       TEXT   NOT NULL,             -- valid until, due on
    net         BIGINT NOT NULL,             -- in hundredths
    tax         BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    issuer      TEXT   NOT NULL,             -- JSON: the company as it was when this left the house; '' before
    user_id     TEXT   NOT NULL,             -- who made it
    sent_at     BIGINT NOT NULL,             -- 0: not yet
    decided_at  BIGINT NOT NULL,             -- accepted or declined, cancelled
    paid_on     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX offer_deal ON offer (deal, id);
CREATE UNIQUE INDEX offer_number ON offer (kind, number) WHERE number <> '';

CREATE TABLE offer_line (
    offer    TEXT   NOT NULL,
    position BIGINT NOT NULL,
    product  TEXT   NOT NULL,                -- '': free text
    name     TEXT   NOT NULL,
    unit     TEXT   NOT NULL,
    quantity BIGINT NOT NULL,                -- in thousandths
    price    BIGINT NOT NULL,                -- in hundredths
    discount BIGINT NOT NULL,                -- in hundredths of a percent
    tax      BIGINT NOT NULL,                -- rate, in hundredths of a percent
    PRIMARY KEY (offer, position)
);

-- The last number of each series. It is taken in the transaction that writes it on a document: none is ever missing.
CREATE TABLE offer_series (
    kind TEXT   NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (kind, year)
);

-- Pictures that documents have had on their heads, by their content.
CREATE TABLE offer_logo (
    hash    TEXT PRIMARY KEY,
    type    TEXT  NOT NULL,                  -- image/png, image/jpeg
    content BYTEA NOT NULL
);

-- Mails that take an offer to the client.
CREATE TABLE offer_letter (
    message_id TEXT PRIMARY KEY,
    offer      TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    at         BIGINT NOT NULL               -- 0: it is sent
);
CREATE INDEX offer_letter_offer ON offer_letter (offer);

-- What an offer says of a client beside the name.
INSERT INTO field (id, name, type, kinds, choices, position, built_in, removed) VALUES
    ('postal_address', 'Postal address', 'text', '["contact","company"]', '[]', 8, TRUE, FALSE),
    ('vat_number', 'VAT number', 'text', '["contact","company"]', '[]', 9, TRUE, FALSE);

-- +goose Down
DELETE FROM field WHERE id IN ('postal_address', 'vat_number');
DROP TABLE offer_letter;
DROP TABLE offer_logo;
DROP TABLE offer_series;
DROP TABLE offer_line;
DROP TABLE offer;
DROP TABLE product;
