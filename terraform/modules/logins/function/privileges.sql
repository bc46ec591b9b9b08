-- What the two users of a service may do in its database. An administrator of the server runs this there, in one
-- transaction, again and again: the function of this folder on AWS, local/postgres.py on one machine.
--
-- ${owner} makes and changes the tables, and only `migrate` logs in as it. ${application} reads and writes rows.

-- What the application's user owns, as it did when a service had one user.
REASSIGN OWNED BY ${application} TO ${owner};

REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${application};
GRANT CONNECT ON DATABASE ${database} TO ${application};
REVOKE ALL ON SCHEMA public FROM PUBLIC, ${application};
GRANT USAGE ON SCHEMA public TO ${application};

-- Of the tables that are there, and of those that later migrations make.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${application};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${application};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${application};

-- Which migrations were applied is the owner's business. The list once lay among the tables.
CREATE SCHEMA IF NOT EXISTS migrations AUTHORIZATION ${owner};
ALTER TABLE IF EXISTS public.migrations SET SCHEMA migrations;
ALTER TABLE IF EXISTS migrations.migrations RENAME TO applied;
REVOKE ALL ON ALL TABLES IN SCHEMA migrations FROM ${application};
