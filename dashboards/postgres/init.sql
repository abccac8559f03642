-- The database of compose.yaml, and an ordinary role that owns it. A superuser's sessions could take the slots that are reserved for an
-- operator, and could not be cancelled or ended from the endpoint.
create role crablet login password 'crablet';
create database crablet owner crablet;

-- So that the watch sees what the sessions of other roles do.
grant pg_read_all_stats to crablet;

\connect crablet
create extension pg_stat_statements;
