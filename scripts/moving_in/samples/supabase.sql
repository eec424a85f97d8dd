CREATE SCHEMA auth;
CREATE TABLE auth.users (instance_id uuid, id uuid NOT NULL PRIMARY KEY, aud varchar(255), role varchar(255), email varchar(255),
  encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz, last_sign_in_at timestamptz,
  raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin bool, created_at timestamptz, updated_at timestamptz, phone text,
  banned_until timestamptz, deleted_at timestamptz, is_anonymous boolean NOT NULL DEFAULT false);
INSERT INTO auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, created_at, banned_until, deleted_at) VALUES
  ('6f9619ff-8b86-4011-b42d-00cf4fc964a1', 'supabase@example.com', '$2b$10$N9qo8uLOickgx2ZMRZoMyehtJ/whDdsI.d1w/JqKiOrDw8pCT0JLG', '2024-05-01 12:00:00.123+00', '{"name": "Zoë"}', '2024-05-01 12:00:00.123456+00', NULL, NULL),
  ('6f9619ff-8b86-4011-b42d-00cf4fc964a2', 'supabase-google@example.com', '', '2024-05-01 12:00:00+00', '{"full_name": "Grace Hopper"}', '2024-05-01 12:00:00+00', NULL, NULL),
  ('6f9619ff-8b86-4011-b42d-00cf4fc964a3', 'supabase-banned@example.com', '$2b$10$N9qo8uLOickgx2ZMRZoMyehtJ/whDdsI.d1w/JqKiOrDw8pCT0JLG', NULL, '{}', '2024-05-01 12:00:00+00', '2999-01-01 00:00:00+00', NULL),
  ('6f9619ff-8b86-4011-b42d-00cf4fc964a4', NULL, NULL, NULL, '{}', '2024-05-01 12:00:00+00', NULL, NULL),
  ('6f9619ff-8b86-4011-b42d-00cf4fc964a5', 'supabase-deleted@example.com', '$2b$10$N9qo8uLOickgx2ZMRZoMyehtJ/whDdsI.d1w/JqKiOrDw8pCT0JLG', NULL, '{}', '2024-05-01 12:00:00+00', NULL, '2025-01-01 00:00:00+00');
CREATE TYPE auth.factor_type AS ENUM ('totp', 'webauthn', 'phone');
CREATE TYPE auth.factor_status AS ENUM ('unverified', 'verified');
CREATE TABLE auth.mfa_factors (id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users (id), friendly_name text,
  factor_type auth.factor_type NOT NULL, status auth.factor_status NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, secret text);
INSERT INTO auth.mfa_factors VALUES
  ('7f9619ff-8b86-4011-b42d-00cf4fc964a1', '6f9619ff-8b86-4011-b42d-00cf4fc964a1', 'new phone', 'totp', 'verified', '2025-05-01 12:00:00+00', '2025-05-01 12:00:00+00', 'KRUGS4ZANFZSA3TPOQQGC3TZ'),
  ('7f9619ff-8b86-4011-b42d-00cf4fc964a2', '6f9619ff-8b86-4011-b42d-00cf4fc964a1', 'phone', 'totp', 'verified', '2024-05-01 12:00:00+00', '2024-05-01 12:00:00+00', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
  ('7f9619ff-8b86-4011-b42d-00cf4fc964a3', '6f9619ff-8b86-4011-b42d-00cf4fc964a2', 'begun', 'totp', 'unverified', '2024-05-01 12:00:00+00', '2024-05-01 12:00:00+00', 'KRUGS4ZANFZSA3TPOQQGC3TZ'),
  ('7f9619ff-8b86-4011-b42d-00cf4fc964a4', '6f9619ff-8b86-4011-b42d-00cf4fc964a2', 'mobile', 'phone', 'verified', '2024-05-01 12:00:00+00', '2024-05-01 12:00:00+00', NULL);
