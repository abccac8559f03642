-- The event store's schema, version 1. For PostgreSQL 14 and later.
--
-- Everything is created in the current schema, that is the first of the search path that exists. By hand:
--     psql --single-transaction -c 'set search_path = my_schema' -f crablet-schema.sql
-- With Flyway or Liquibase: copy it as a migration, with the schema as its default schema, and set
-- crablet.event-store.initialize-schema=never. Run it in one transaction, as the role that shall own the log; then
-- crablet-grants.sql for the role of the application. Running it again changes nothing.

do $$
begin
    if current_schema() is null then
        raise exception 'no schema of the search path % exists', current_setting('search_path')
            using hint = 'create the schema, or set search_path to one that exists';
    end if;
end
$$;

create table if not exists crablet_events (
    -- 1, 2, 3, … without gaps, in the order of the commits. The primary key is the judge: two appends that were checked
    -- against the same head cannot both commit.
    position    bigint      not null,
    type        text        collate "C" not null,
    -- as 'key:value', in the order given
    tags        text[]      not null,
    -- json, not jsonb: kept exactly as written
    data        json        not null,
    metadata    json        not null,
    occurred_at timestamptz not null,
    -- of data and metadata, so that a page of events can end before it is too large for the reader's memory
    bytes       integer     not null generated always as (octet_length(data::text) + octet_length(metadata::text)) stored,
    constraint crablet_events_pkey primary key (position),
    constraint crablet_events_metadata_is_object check (json_typeof(metadata) = 'object')
);

create index if not exists crablet_events_type_position on crablet_events (type, position);

-- Which events carry a tag, in the order of the log.
create table if not exists crablet_event_tags (
    tag      text   collate "C" not null,
    position bigint not null,
    constraint crablet_event_tags_pkey primary key (tag, position)
);

create or replace function crablet_refuse_change() returns trigger
    language plpgsql as $$
begin
    raise exception '% of % is not allowed: the log of events is only ever appended to', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end
$$;

create or replace trigger crablet_events_append_only
    before update or delete or truncate on crablet_events
    for each statement execute function crablet_refuse_change();

create or replace trigger crablet_event_tags_append_only
    before update or delete or truncate on crablet_event_tags
    for each statement execute function crablet_refuse_change();

-- Appends a batch of requests, in order, and returns a row for each. A request whose condition is violated is refused, and
-- the next one goes on. The events of all requests come in one list, and so do the items of their conditions; each request
-- says where its part of a list ends.
--
-- The function runs with its owner's rights, so that nobody else needs the right to insert. So it names the schema of each
-- table, and looks for functions and operators in pg_catalog alone: nobody can put one of their own in front. That is what
-- the format() is for.
do $do$
begin
    execute format($function$
create or replace function %1$I.crablet_append(
    p_lock_timeout   integer,   -- how long to wait for other appends, in ms
    p_last_events    integer[], -- of each request: the index of its last event
    p_types          text[],    -- of each event
    p_tags           text[],    -- of each event: its tags, as the text of an array
    p_data           text[],    -- of each event
    p_metadata       text[],    -- of each event
    p_afters         bigint[],  -- of each request: the position that its condition begins after; null: no condition
    p_last_items     integer[], -- of each request: the index of its condition's last item
    p_item_types     text[],    -- of each item: any of these types, as the text of an array; empty: every type
    p_item_tags      text[]     -- of each item: all of these tags, as the text of an array; empty: whatever tags
) returns table (
    head               bigint,  -- before the request
    first_position     bigint,  -- of its events; null if it was refused
    last_position      bigint,
    violated_item      integer, -- index of the item within the request's condition; null if none was violated
    violating_position bigint,  -- the first event that matches this item
    violating_type     text
)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $append$
declare
    lock_timeout_before text := current_setting('lock_timeout');
    item_tags  text[];
    item_types text[];
    first_event integer := 1;
    first_item  integer := 1;
begin
    -- Appends queue here. The lock is for order and speed; it is the primary key that makes a wrong append impossible.
    -- The number is "crab" in ASCII and the table's oid, so that each log has a lock of its own; pg_locks shows the two as
    -- classid 1668440418 and objid.
    perform set_config('lock_timeout', p_lock_timeout::text, true);
    perform pg_advisory_xact_lock((1668440418::bigint << 32) | %2$L::regclass::oid::bigint);
    perform set_config('lock_timeout', lock_timeout_before, true);

    -- A statement of its own: under READ COMMITTED its snapshot is newer than the lock, so it sees every commit.
    select coalesce(max(position), 0) into head from %1$I.crablet_events;

    for request in 1 .. cardinality(p_last_events) loop
        first_position := null;
        last_position := null;
        violated_item := null;
        violating_position := null;
        violating_type := null;

        if p_afters[request] > head then
            -- Either nobody can have read that far, or this transaction's snapshot is older than what was read.
            if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
                raise exception 'the snapshot of this transaction is older than position %%', p_afters[request]
                    using errcode = 'serialization_failure';
            end if;
            return next;
        else
            -- Each of these walks along one index from the condition's position and stops at the first match, also with a
            -- generic plan: "offset 0" has the log joined row by row, and the primary key is no way to sort by type.
            for item in first_item .. p_last_items[request] loop
                item_types := p_item_types[item]::text[];
                item_tags := p_item_tags[item]::text[];
                if cardinality(item_tags) > 0 and cardinality(item_types) > 0 then
                    select e.position, e.type into violating_position, violating_type
                    from %1$I.crablet_event_tags t cross join lateral (
                        select i.position, i.type, i.tags from %1$I.crablet_events i where i.position = t.position offset 0
                    ) e
                    where t.tag = item_tags[1] and t.position > p_afters[request]
                      and e.tags @> item_tags and e.type = any (item_types)
                    order by t.position limit 1;
                elsif cardinality(item_tags) > 0 then
                    select e.position, e.type into violating_position, violating_type
                    from %1$I.crablet_event_tags t cross join lateral (
                        select i.position, i.type, i.tags from %1$I.crablet_events i where i.position = t.position offset 0
                    ) e
                    where t.tag = item_tags[1] and t.position > p_afters[request] and e.tags @> item_tags
                    order by t.position limit 1;
                elsif cardinality(item_types) > 0 then
                    select e.position, e.type into violating_position, violating_type
                    from unnest(item_types) as item_type cross join lateral (
                        select i.position, i.type from %1$I.crablet_events i
                        where (i.type, i.position) > (item_type, p_afters[request])
                          and (i.type, i.position) <= (item_type, 9223372036854775807)
                        order by i.type, i.position limit 1
                    ) e
                    order by e.position limit 1;
                else
                    select e.position, e.type into violating_position, violating_type
                    from %1$I.crablet_events e where e.position > p_afters[request]
                    order by e.position limit 1;
                end if;
                if violating_position is not null then
                    violated_item := item - first_item + 1;
                    exit;
                end if;
            end loop;

            if violated_item is not null then
                return next;
            else
                first_position := head + 1;
                last_position := head + p_last_events[request] - first_event + 1;
                with appended as (
                    insert into %1$I.crablet_events as appending (position, type, tags, data, metadata, occurred_at)
                    select first_position + e.ordinal - 1, e.type, e.tags::text[], e.data::json, e.metadata::json, clock_timestamp()
                    from unnest(
                        p_types[first_event : p_last_events[request]],
                        p_tags[first_event : p_last_events[request]],
                        p_data[first_event : p_last_events[request]],
                        p_metadata[first_event : p_last_events[request]]
                    ) with ordinality as e(type, tags, data, metadata, ordinal)
                    returning appending.position, appending.tags
                )
                insert into %1$I.crablet_event_tags (tag, position)
                select tag, appended.position from appended cross join lateral unnest(appended.tags) as tag;
                return next;
                head := last_position;
            end if;
        end if;
        first_event := p_last_events[request] + 1;
        first_item := p_last_items[request] + 1;
    end loop;
end
$append$
    $function$, current_schema(), format('%I.crablet_events', current_schema()));
    -- Nobody else may call it until crablet-grants.sql says so.
    execute format('revoke all on function %I.crablet_append('
        'integer, integer[], text[], text[], text[], text[], bigint[], integer[], text[], text[]) from public',
        current_schema());
end
$do$;

create or replace function crablet_schema_version() returns integer
    language sql immutable as 'select 1';
