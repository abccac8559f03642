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
-- The events of accepted requests are inserted together, before a condition that one of them may match, and at the end: a
-- statement for each request would cost more than its rows.
--
-- The function runs with its owner's rights, so that nobody else needs the right to insert. So it names the schema of each
-- table, and looks for functions and operators in pg_catalog alone: nobody can put one of their own in front. That is what
-- the format() is for. Its plans are generic, so what a check costs does not depend on the calls before, and arrays are not
-- copied into them; and they are too short for a compiler.
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
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set jit = off as $append$
declare
    stride constant integer := 100;
    lock_timeout_before text := current_setting('lock_timeout');
    depends_on  integer[]; -- of each request: the last one before it of which an event may match its condition, or 0
    suspected   boolean[]; -- of each request: whether an event that was there before the batch may match its condition
    pending     integer[] := '{}'; -- the accepted events that are not inserted yet
    inserted    bigint;  -- the last position that is inserted
    inserted_of integer := 0; -- the last request that nothing is pending of
    first_event integer := 1;
    first_item  integer := 1;
    item_tags   text[];
    item_types  text[];
    driver      text;    -- the tag whose events are looked through; null: the item's types
    most        integer; -- of how many of them at once
    seen        integer; -- of how many this time
    seen_to     bigint;  -- and the last of them
begin
    -- Appends queue here. The lock is for order and speed; it is the primary key that makes a wrong append impossible.
    -- The number is "crab" in ASCII and the table's oid, so that each log has a lock of its own; pg_locks shows the two as
    -- classid 1668440418 and objid.
    perform set_config('lock_timeout', p_lock_timeout::text, true);
    perform pg_advisory_xact_lock((1668440418::bigint << 32) | %2$L::regclass::oid::bigint);
    perform set_config('lock_timeout', lock_timeout_before, true);

    -- A statement of its own: under READ COMMITTED its snapshot is newer than the lock, so it sees every commit.
    select coalesce(max(position), 0) into head from %1$I.crablet_events;
    inserted := head;

    if cardinality(p_last_events) > 1 and cardinality(p_item_tags) > 0 then
        -- An event can only match an item if it has all of the item's tags, or one of its types where there are no tags. So
        -- the last request whose events may do so is not after the last one with the tag that comes last to be found.
        select array_agg(coalesce(d.request, 0) order by r.request) into depends_on
        from generate_series(1, cardinality(p_last_events)) as r(request)
        left join (
            select i.of_request, max(i.request) as request
            from (
                select k.request as of_request,
                       case when k.tags <> '{}' then case when count(k.before) = count(*) then min(k.before) end
                            when k.types <> '{}' then max(k.before)
                            else k.request - 1 end as request
                from (
                    select k.*, max(k.request) filter (where k.item is null) over (
                        partition by k.key order by k.request, k.item nulls last rows unbounded preceding) as before
                    from (
                        select i.ordinal as item, width_bucket(i.ordinal::integer - 1, p_last_items) + 1 as request,
                               i.types, i.tags, k.key
                        from unnest(p_item_types, p_item_tags) with ordinality as i(types, tags, ordinal)
                        left join lateral unnest((case when i.tags = '{}' then i.types else i.tags end)::text[]) as k(key) on true
                        union all
                        select null, width_bucket(e.ordinal::integer - 1, p_last_events) + 1, null, null, k.key
                        from unnest(p_types, p_tags) with ordinality as e(type, tags, ordinal)
                        cross join lateral unnest(e.tags::text[] || e.type) as k(key)
                    ) k
                ) k
                where k.item is not null
                group by k.item, k.request, k.types, k.tags
            ) i
            group by i.of_request
        ) d on d.of_request = r.request;

        -- Of most requests nothing has happened since they looked. To find these by one statement costs a tenth of looking
        -- for each by itself. It asks for each of the tags, or for one of the types, after the condition's position.
        select array_agg(coalesce(s.suspected, false) order by r.request) into suspected
        from generate_series(1, cardinality(p_last_events)) as r(request)
        left join (
            select i.request, bool_or(
                case
                    when i.tags <> '{}' then not exists (
                        select from unnest(i.tags::text[]) as item_tag where (
                            select t.position from %1$I.crablet_event_tags t
                            where t.tag = item_tag and t.position > p_afters[i.request]
                            order by t.position limit 1
                        ) is null
                    )
                    when i.types <> '{}' then (
                        select e.position from unnest(i.types::text[]) as item_type cross join lateral (
                            select e.position from %1$I.crablet_events e
                            where (e.type, e.position) > (item_type, p_afters[i.request])
                              and (e.type, e.position) <= (item_type, 9223372036854775807)
                            order by e.type, e.position limit 1
                        ) e
                        limit 1
                    ) is not null
                    else p_afters[i.request] < head
                end
            ) as suspected
            from (
                select width_bucket(i.ordinal::integer - 1, p_last_items) + 1 as request, i.types, i.tags
                from unnest(p_item_types, p_item_tags) with ordinality as i(types, tags, ordinal)
                offset 0
            ) i
            group by i.request
        ) s on s.request = r.request;
    end if;

    for request in 1 .. cardinality(p_last_events) + 1 loop
        if cardinality(pending) > 0 and (request > cardinality(p_last_events) or depends_on[request] > inserted_of) then
            with appended as (
                insert into %1$I.crablet_events as appending (position, type, tags, data, metadata, occurred_at)
                select inserted + e.ordinal, p_types[e.event], p_tags[e.event]::text[], p_data[e.event]::json,
                       p_metadata[e.event]::json, clock_timestamp()
                from unnest(pending) with ordinality as e(event, ordinal)
                returning appending.position, appending.tags
            )
            insert into %1$I.crablet_event_tags (tag, position)
            select tag, appended.position from appended cross join lateral unnest(appended.tags) as tag;
            pending := '{}';
            inserted := head;
            inserted_of := request - 1;
        end if;
        exit when request > cardinality(p_last_events);

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
        else
            -- Both are null in a batch of one.
            for item in first_item .. p_last_items[request] loop
                exit when not suspected[request] and depends_on[request] = 0;
                item_types := p_item_types[item]::text[];
                item_tags := p_item_tags[item]::text[];
                driver := item_tags[1];
                -- What has only one index to go by is found, or not, at its first entry.
                most := case when cardinality(item_tags) + least(cardinality(item_types), 1) > 1 then stride else 1 end;
                seen_to := p_afters[request];
                loop
                    -- Each of these walks along one index from the condition's position and stops soon, also with a generic
                    -- plan: "offset 0" has the log joined row by row, and the primary key is no way to sort by type.
                    if driver is not null then
                        select count(*), max(t.position),
                               min(t.position) filter (
                                   where e.tags @> item_tags and (item_types = '{}' or e.type = any (item_types)))
                            into seen, seen_to, violating_position
                        from (
                            select i.position from %1$I.crablet_event_tags i
                            where i.tag = driver and i.position > seen_to
                            order by i.position limit most
                        ) t cross join lateral (
                            select i.type, i.tags from %1$I.crablet_events i where i.position = t.position offset 0
                        ) e;
                    elsif cardinality(item_types) > 0 then
                        select count(*), max(t.position), min(t.position) filter (where e.tags @> item_tags)
                            into seen, seen_to, violating_position
                        from (
                            select i.position from unnest(item_types) as item_type cross join lateral (
                                select i.position from %1$I.crablet_events i
                                where (i.type, i.position) > (item_type, seen_to)
                                  and (i.type, i.position) <= (item_type, 9223372036854775807)
                                order by i.type, i.position limit most
                            ) i
                            order by i.position limit most
                        ) t cross join lateral (
                            select i.tags from %1$I.crablet_events i where i.position = t.position offset 0
                        ) e;
                    else
                        select e.position into violating_position from %1$I.crablet_events e
                        where e.position > seen_to order by e.position limit 1;
                        exit;
                    end if;
                    exit when violating_position is not null or seen < most or most = 1;

                    -- There are many of these. The next ones are of the tag, or of the types, whose next events lead
                    -- farthest, so that the rarest decides what the check costs.
                    select s.driver into driver
                    from (
                        select tag as driver, (
                            select i.position from %1$I.crablet_event_tags i
                            where i.tag = item_tag.tag and i.position > seen_to
                            order by i.position offset stride - 1 limit 1
                        ) as leads_to
                        from unnest(item_tags) as item_tag(tag)
                        union all
                        select null, (
                            select i.position from unnest(item_types) as item_type cross join lateral (
                                select i.position from %1$I.crablet_events i
                                where (i.type, i.position) > (item_type, seen_to)
                                  and (i.type, i.position) <= (item_type, 9223372036854775807)
                                order by i.type, i.position limit stride
                            ) i
                            order by i.position offset stride - 1 limit 1
                        )
                        where cardinality(item_types) > 0
                    ) s
                    order by s.leads_to desc nulls first limit 1;
                end loop;
                if violating_position is not null then
                    violated_item := item - first_item + 1;
                    select e.type into violating_type from %1$I.crablet_events e where e.position = violating_position;
                    exit;
                end if;
            end loop;

            if violated_item is null then
                first_position := head + 1;
                last_position := head + p_last_events[request] - first_event + 1;
                for event in first_event .. p_last_events[request] loop
                    pending := pending || event;
                end loop;
            end if;
        end if;
        return next;
        head := coalesce(last_position, head);
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
