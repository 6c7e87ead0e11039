CREATE TABLE IF NOT EXISTS alerts (
    fingerprint text PRIMARY KEY, body jsonb NOT NULL, count bigint NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS tasks (key text PRIMARY KEY, count bigint NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, body jsonb);
CREATE TABLE IF NOT EXISTS clicks (delivery text PRIMARY KEY, body jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, call bigint, body jsonb, hash text);
CREATE TABLE IF NOT EXISTS jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL DEFAULT 'new');
