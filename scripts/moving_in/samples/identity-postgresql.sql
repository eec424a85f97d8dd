CREATE TABLE "AspNetRoles" ("Id" text NOT NULL PRIMARY KEY, "Name" text NULL, "NormalizedName" text NULL, "ConcurrencyStamp" text NULL);
CREATE TABLE "AspNetUsers" ("Id" text NOT NULL PRIMARY KEY, "UserName" text NULL, "NormalizedUserName" text NULL, "Email" text NULL,
  "NormalizedEmail" text NULL, "EmailConfirmed" boolean NOT NULL, "PasswordHash" text NULL, "SecurityStamp" text NULL, "ConcurrencyStamp" text NULL,
  "PhoneNumber" text NULL, "PhoneNumberConfirmed" boolean NOT NULL, "TwoFactorEnabled" boolean NOT NULL, "LockoutEnd" timestamp with time zone NULL,
  "LockoutEnabled" boolean NOT NULL, "AccessFailedCount" INTEGER NOT NULL);
CREATE TABLE "AspNetUserRoles" ("UserId" text NOT NULL REFERENCES "AspNetUsers" ("Id"), "RoleId" text NOT NULL REFERENCES "AspNetRoles" ("Id"), PRIMARY KEY ("UserId", "RoleId"));
INSERT INTO "AspNetRoles" VALUES ('r1', 'Admin', 'ADMIN', NULL), ('r2', 'Editor', 'EDITOR', NULL);
INSERT INTO "AspNetUsers" VALUES
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'identity@example.com', 'IDENTITY@EXAMPLE.COM', 'identity@example.com', 'IDENTITY@EXAMPLE.COM', true, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, false, true, NULL, true, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f2', 'identity-v2@example.com', 'IDENTITY-V2@EXAMPLE.COM', 'identity-v2@example.com', 'IDENTITY-V2@EXAMPLE.COM', false, 'AAABAgMEBQYHCAkKCwwNDg/NO6BVSDMWEvFXLdbHe/X3ao8TZO7VAm+No3cPB9FXwQ==', 'S', 'C', NULL, false, false, NULL, true, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f3', 'identity-locked@example.com', 'IDENTITY-LOCKED@EXAMPLE.COM', 'identity-locked@example.com', 'IDENTITY-LOCKED@EXAMPLE.COM', true, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, false, false, 'infinity', true, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f4', 'identity-external@example.com', 'IDENTITY-EXTERNAL@EXAMPLE.COM', 'identity-external@example.com', 'IDENTITY-EXTERNAL@EXAMPLE.COM', true, NULL, 'S', 'C', NULL, false, false, '2001-01-01 00:00:00+00:00', true, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f5', 'nomail', 'NOMAIL', NULL, NULL, false, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, false, false, NULL, true, 0);
INSERT INTO "AspNetUserRoles" VALUES ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'r1'), ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'r2');
CREATE TABLE "AspNetUserTokens" ("UserId" text NOT NULL REFERENCES "AspNetUsers" ("Id"), "LoginProvider" text NOT NULL,
  "Name" text NOT NULL, "Value" text NULL, PRIMARY KEY ("UserId", "LoginProvider", "Name"));
INSERT INTO "AspNetUserTokens" VALUES
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', '[AspNetUserStore]', 'AuthenticatorKey', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', '[AspNetUserStore]', 'RecoveryCodes', 'aaaaa-bbbbb;ccccc-ddddd'),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f2', '[AspNetUserStore]', 'AuthenticatorKey', 'KRUGS4ZANFZSA3TPOQQGC3TZ');
