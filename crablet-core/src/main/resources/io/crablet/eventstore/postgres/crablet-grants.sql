-- Gives the role of an application what the event store needs, and no more: it may read the log and append to it through
-- the function, which keeps positions and tags right. It cannot insert, update, delete or truncate.
--
-- By hand, in the schema of the log, as its owner:
--     psql --single-transaction -c 'set search_path = my_schema' \
--          -c "set crablet.application_role = 'my_application'" -f crablet-grants.sql

do $$
declare
    role text := current_setting('crablet.application_role', true);
begin
    if coalesce(role, '') = '' then
        raise exception 'crablet.application_role is not set'
            using hint = 'set crablet.application_role = ''NAME'' in this session, then run the script again';
    end if;
    execute format('grant usage on schema %I to %I', current_schema(), role);
    execute format('grant select on crablet_events, crablet_event_tags to %I', role);
    execute format('grant execute on function crablet_schema_version() to %I', role);
    execute format('grant execute on function crablet_append('
        'integer, integer[], text[], text[], text[], text[], bigint[], integer[], text[], text[]) to %I', role);
end
$$;
