CREATE TABLE "AspNetRoles" ("Id" TEXT NOT NULL PRIMARY KEY, "Name" TEXT NULL, "NormalizedName" TEXT NULL, "ConcurrencyStamp" TEXT NULL);
CREATE TABLE "AspNetUsers" ("Id" TEXT NOT NULL PRIMARY KEY, "UserName" TEXT NULL, "NormalizedUserName" TEXT NULL, "Email" TEXT NULL,
  "NormalizedEmail" TEXT NULL, "EmailConfirmed" INTEGER NOT NULL, "PasswordHash" TEXT NULL, "SecurityStamp" TEXT NULL, "ConcurrencyStamp" TEXT NULL,
  "PhoneNumber" TEXT NULL, "PhoneNumberConfirmed" INTEGER NOT NULL, "TwoFactorEnabled" INTEGER NOT NULL, "LockoutEnd" TEXT NULL,
  "LockoutEnabled" INTEGER NOT NULL, "AccessFailedCount" INTEGER NOT NULL);
CREATE TABLE "AspNetUserRoles" ("UserId" TEXT NOT NULL REFERENCES "AspNetUsers" ("Id"), "RoleId" TEXT NOT NULL REFERENCES "AspNetRoles" ("Id"), PRIMARY KEY ("UserId", "RoleId"));
INSERT INTO "AspNetRoles" VALUES ('r1', 'Admin', 'ADMIN', NULL), ('r2', 'Editor', 'EDITOR', NULL);
INSERT INTO "AspNetUsers" VALUES
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'identity@example.com', 'IDENTITY@EXAMPLE.COM', 'identity@example.com', 'IDENTITY@EXAMPLE.COM', 1, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, 0, 1, NULL, 1, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f2', 'identity-v2@example.com', 'IDENTITY-V2@EXAMPLE.COM', 'identity-v2@example.com', 'IDENTITY-V2@EXAMPLE.COM', 0, 'AAABAgMEBQYHCAkKCwwNDg/NO6BVSDMWEvFXLdbHe/X3ao8TZO7VAm+No3cPB9FXwQ==', 'S', 'C', NULL, 0, 0, NULL, 1, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f3', 'identity-locked@example.com', 'IDENTITY-LOCKED@EXAMPLE.COM', 'identity-locked@example.com', 'IDENTITY-LOCKED@EXAMPLE.COM', 1, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, 0, 0, '9999-12-31 23:59:59.9999999+00:00', 1, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f4', 'identity-external@example.com', 'IDENTITY-EXTERNAL@EXAMPLE.COM', 'identity-external@example.com', 'IDENTITY-EXTERNAL@EXAMPLE.COM', 1, NULL, 'S', 'C', NULL, 0, 0, '2001-01-01 00:00:00+00:00', 1, 0),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f5', 'nomail', 'NOMAIL', NULL, NULL, 0, 'AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+HNphercic/uMU10oVOJcFooxzoeSLoVHx/CnyVEI1LA==', 'S', 'C', NULL, 0, 0, NULL, 1, 0);
INSERT INTO "AspNetUserRoles" VALUES ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'r1'), ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', 'r2');
CREATE TABLE "AspNetUserTokens" ("UserId" TEXT NOT NULL REFERENCES "AspNetUsers" ("Id"), "LoginProvider" TEXT NOT NULL,
  "Name" TEXT NOT NULL, "Value" TEXT NULL, PRIMARY KEY ("UserId", "LoginProvider", "Name"));
INSERT INTO "AspNetUserTokens" VALUES
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', '[AspNetUserStore]', 'AuthenticatorKey', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f1', '[AspNetUserStore]', 'RecoveryCodes', 'aaaaa-bbbbb;ccccc-ddddd'),
  ('6f9619ff-8b86-d011-b42d-00cf4fc964f2', '[AspNetUserStore]', 'AuthenticatorKey', 'KRUGS4ZANFZSA3TPOQQGC3TZ');
