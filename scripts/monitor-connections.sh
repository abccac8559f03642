#!/usr/bin/env bash
# Watches the connections of a PostgreSQL server from a terminal, and ends sessions that are in the way. See --help.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: monitor-connections.sh [OPTION]... [COMMAND]

Watches the connections of a PostgreSQL server: how many there are against the limits, which applications have them, who is idle in
transaction, runs long statements or waits for a lock and for whom, which pools have nothing left, who holds the append lock.

Needs bash 4.4 or later, psql and the coreutils; PostgreSQL 14 or later. It connects once, reads only, and needs no rights beyond
those to connect. Sessions of other roles are counted but hidden without: GRANT pg_read_all_stats TO role.

Commands:
  (none)                         show, and refresh until q or Ctrl-C
  terminate-idle-in-transaction  end the sessions of this database that have been idle in a transaction for long: --older-than
  disconnect-all                 end all sessions of this database
Both list what they would do and ask. They never end their own session, those of Crablet's watch, of superusers, of other databases
or of the server itself.

Showing:
  --once                         show once; the exit code says how it is
  --json                         JSON, one document a line
  --nagios                       once, in the form of a Nagios plugin
  --quiet                        with --once or --nagios: print nothing if all is well
  --interval TIME                time between two looks (5s)
  --rows N                       rows of a list, 1 to 100 (10); counts are of all
  --timeout TIME                 how long to wait for the server, to connect and for an answer (5s)

Thresholds, WARNING or WARNING/CRITICAL:
  --warn-usage PERCENT           connections in use, of those not reserved (80)
  --crit-usage PERCENT           the same (95)
  --idle-in-transaction TIMES    sessions idle in a transaction (30s/5m)
  --long-query TIMES             statements that run (30s)
  --blocked TIMES                sessions that wait for a lock (5s/1m)
  --append-lock TIMES            the append lock of an event log held (5s/30s)
  --busy-pool N                  sessions of an application from which on it counts as a pool; 0: never (5)
  --allow-hidden                 hidden sessions are no reason for exit code 3

Ending sessions:
  --older-than TIME              how long idle in a transaction, from 1s to 365d
  --dry-run                      list, and do nothing
  --yes                          do not ask

  --help                         this text

A TIME is a whole number with its unit: 500ms, 30s, 5m, 2h, 1d.

Environment: DB_HOST, DB_PORT, DB_NAME, DB_USER, PGPASSWORD and MONITOR_INTERVAL (seconds, or a TIME). What is not set is taken from
libpq's own: PGHOST, PGPORT, PGDATABASE, PGUSER, PGSERVICE, PGSSLMODE, ~/.pgpass and so on. NO_COLOR=1 switches colours off.

Exit code with --once, --json --once and --nagios:
  0  all is well
  1  warning
  2  critical
  3  unknown: cannot connect, no answer, sessions hidden for lack of rights, bad option, output that cannot be written; says why on
     standard error
Of a command: 0 done, or nothing to do; 1 not all of it, or the answer was no; 3 not tried, or what came of it is not known.
HELP
}

readonly US=$'\x1f'
readonly OK=0 WARNING=1 UNKNOWN=3

nagios=false planned=false on_screen=false

# stop CODE: ends it. What else may end it, such as output that cannot be written, leaves unknown how things are.
stop() {
  planned=true
  exit "$1"
}

at_exit() {
  if [[ $on_screen == true ]]; then printf '\e[0m\e[?25h\e[?1049l' || true; fi
  if [[ $planned == false ]]; then exit "$UNKNOWN"; fi
}
trap at_exit EXIT

# Text that others have written, fit for a terminal and a log: one line, bounded, without control characters.
plain() {
  local text=${1//[[:cntrl:]]/ }
  REPLY=${text:0:600}
}

die() {
  plain "$1"
  printf 'monitor-connections.sh: %s\n' "$REPLY" >&2
  if [[ $nagios == true ]]; then printf 'CRABLET UNKNOWN - %s\n' "${REPLY//|//}"; fi
  stop "$UNKNOWN"
}

# Nagios reads the first line, also when the mistake is in an option.
if [[ " $* " == *' --nagios '* ]]; then nagios=true; fi
# Here, as an older one takes the coprocess below for a mistake of syntax.
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then die "this is bash $BASH_VERSION; 4.4 or later is needed"; fi

once=false json=false quiet=false dry_run=false yes=false allow_hidden=false
command=
interval=${MONITOR_INTERVAL:-5s}
rows=10 timeout=5s busy_pool=5 warn_usage=80 crit_usage=95
idle_in_transaction=30s/5m long_query=30s blocked=5s/1m append_lock=5s/30s older_than=
given=()

# number NAME TEXT LEAST MOST: a whole number within bounds.
number() {
  [[ $2 =~ ^[0-9]{1,9}$ ]] || die "$1 must be a whole number, not '$2'"
  REPLY=$((10#$2))
  ((REPLY >= $3 && REPLY <= $4)) || die "$1 must be from $3 to $4, not $2"
}

# milliseconds NAME TEXT LEAST MOST: a time with its unit, within bounds that are in ms.
milliseconds() {
  [[ $2 =~ ^([0-9]{1,9})(ms|s|m|h|d)$ ]] || die "$1 must be a time with its unit, such as 30s or 5m, not '$2'"
  local -A unit=([ms]=1 [s]=1000 [m]=60000 [h]=3600000 [d]=86400000)
  REPLY=$((10#${BASH_REMATCH[1]} * ${unit[${BASH_REMATCH[2]}]}))
  ((REPLY >= $3 && REPLY <= $4)) || die "$1 is out of bounds: $2"
}

# thresholds NAME TEXT: sets warn and crit in ms; crit is NULL if there is none.
thresholds() {
  local year=31536000000
  milliseconds "$1" "${2%%/*}" 1 "$year"
  warn=$REPLY crit=NULL
  if [[ $2 == */* ]]; then
    milliseconds "$1" "${2#*/}" 1 "$year"
    crit=$REPLY
    ((crit >= warn)) || die "$1: the time for critical is less than that for warning: '$2'"
  fi
}

read_options() {
  local option
  while (($# > 0)); do
    option=$1
    shift
    case $option in
      --help | -h)
        usage
        stop "$OK"
        ;;
      --once | --json | --nagios | --quiet | --allow-hidden | --dry-run | --yes)
        given+=("$option")
        set_option "$option" true
        ;;
      --interval | --rows | --timeout | --warn-usage | --crit-usage | --idle-in-transaction | --long-query | --blocked | \
        --append-lock | --busy-pool | --older-than)
        (($# > 0)) || die "$option needs a value; see --help"
        given+=("$option")
        set_option "$option" "$1"
        shift
        ;;
      --once=* | --json=* | --nagios=* | --quiet=* | --allow-hidden=* | --dry-run=* | --yes=*) die "${option%%=*} takes no value" ;;
      --*=*) set -- "${option%%=*}" "${option#*=}" "$@" ;;
      -*) die "there is no option '$option'; see --help" ;;
      terminate-idle-in-transaction | disconnect-all)
        [[ -z $command ]] || die "one command at a time, not $command and $option"
        command=$option
        ;;
      *) die "there is no command '$option'; see --help" ;;
    esac
  done
}

set_option() {
  local name=${1#--}
  printf -v "${name//-/_}" %s "$2"
}

# Each option does something in some cases only; where it does nothing it is a mistake.
check_options_fit() {
  local option
  for option in ${given[@]+"${given[@]}"}; do
    case $command:$option in
      *:--timeout) ;;
      :--older-than | :--dry-run | :--yes) die "$option is for a command that ends sessions; see --help" ;;
      disconnect-all:--older-than) die "--older-than is for terminate-idle-in-transaction; disconnect-all ends all" ;;
      *:--older-than | *:--dry-run | *:--yes | :*) ;;
      *) die "$option is not for $command; see --help" ;;
    esac
  done
  if [[ $nagios == true && $json == true ]]; then die "--nagios and --json are two forms of output: take one"; fi
  if [[ $nagios == true ]]; then once=true; fi
  if [[ $quiet == true && ($once == false || $json == true) ]]; then die "--quiet is for --once and --nagios"; fi
  if [[ $command == terminate-idle-in-transaction && -z $older_than ]]; then
    die "$command needs --older-than, for example --older-than 5m"
  fi
}

# Checks every value and turns it into a line that psql reads.
psql_settings() {
  local seconds
  settings='\set VERBOSITY terse'$'\n'
  milliseconds --timeout "$timeout" 1000 60000
  seconds=$(((REPLY + 999) / 1000))
  timeout_seconds=$seconds
  setting timeout_ms "$REPLY"
  if [[ $interval =~ ^[0-9]+$ ]]; then interval+=s; fi
  milliseconds "the interval" "$interval" 1000 3600000
  interval_ms=$REPLY
  number --rows "$rows" 1 100
  rows=$REPLY
  number --warn-usage "$warn_usage" 1 100
  setting warn_usage "$REPLY"
  number --crit-usage "$crit_usage" "$REPLY" 100
  setting crit_usage "$REPLY"
  number --busy-pool "$busy_pool" 0 10000
  setting busy_pool "$REPLY"
  two_settings idle "--idle-in-transaction" "$idle_in_transaction"
  two_settings query "--long-query" "$long_query"
  two_settings blocked "--blocked" "$blocked"
  two_settings append "--append-lock" "$append_lock"
  setting allow_hidden "$allow_hidden"
  if [[ -n $older_than ]]; then
    milliseconds --older-than "$older_than" 1000 31536000000
    setting older_than_ms "$REPLY"
  else
    setting older_than_ms NULL
  fi
}

setting() {
  settings+="\\set $1 $2"$'\n'
}

two_settings() {
  local warn crit
  thresholds "$2" "$3"
  setting "$1_warn" "${3%%/*}"
  setting "$1_warn_ms" "$warn"
  setting "$1_crit_ms" "$crit"
}

# psql takes all of this from the environment, so that no value is taken for anything else and none is on a command line.
name_the_server() {
  command -v psql >/dev/null || die "psql is not on the path; it is in the package postgresql-client of Debian, or postgresql of others"
  if [[ -n ${DB_HOST:-} ]]; then export PGHOST=$DB_HOST; fi
  if [[ -n ${DB_PORT:-} ]]; then export PGPORT=$DB_PORT; fi
  if [[ -n ${DB_NAME:-} ]]; then export PGDATABASE=$DB_NAME; fi
  if [[ -n ${DB_USER:-} ]]; then export PGUSER=$DB_USER; fi
}

server_pid='' from_server='' to_server=''

# Starts the psql that is asked from now on. It waits for a line first: until it has read one it cannot have ended, and its ends of
# the pipes can be copied. Bash closes the originals when it ends, also if nobody has read yet why.
connect() {
  local connection="application_name=crablet-monitor connect_timeout=$timeout_seconds client_encoding=UTF8"
  coproc SERVER {
    IFS= read -r _ && exec psql --no-psqlrc --no-password --quiet --no-align --tuples-only --field-separator="$US" \
      --dbname="$connection" 2>&1
  }
  server_pid=${SERVER_PID:?}
  exec {from_server}<&"${SERVER[0]}" {to_server}>&"${SERVER[1]}"
  eval "exec ${SERVER[0]}<&- ${SERVER[1]}>&-"
  tell $'go\n'"$settings"
}

tell() {
  # A psql that has ended reads nothing: its last words say why, not the broken pipe.
  trap '' PIPE
  { printf '%s\n' "$1" >&"$to_server"; } 2>/dev/null || true
  trap - PIPE
}

disconnect() {
  if [[ -z $server_pid ]]; then return; fi
  exec {from_server}<&- {to_server}>&-
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}

answer=() failure=

# ask SQL: puts the rows of the answer into `answer`. Where there is none, says why in `failure`, and fails.
# The rows end with a line that nobody else can have written. Anything that is not a row is what psql has to complain of.
ask() {
  local mark="end-$RANDOM$RANDOM$RANDOM" hosts=${PGHOST:-} deadline line words='' left
  answer=() failure=
  deadline=$((SECONDS + timeout_seconds + 1))
  if [[ -z $server_pid ]]; then
    hosts=${hosts//[^,]/}
    deadline=$((deadline + (${#hosts} + 1) * (timeout_seconds > 2 ? timeout_seconds : 2)))
    connect
  fi
  tell "$1"$'\n'"\\echo $mark"
  while left=$((deadline - SECONDS)) && ((left > 0)) && IFS= read -r -t "$left" -u "$from_server" line; do
    case $line in
      "$mark")
        if [[ -z $failure ]]; then return 0; else return 1; fi
        ;;
      "failed$US"*)
        # What follows fails for that.
        if [[ -n $failure ]]; then continue; fi
        failure="the server refuses: ${words%%$'\n'*} "
        if [[ $line == *"${US}42501" ]]; then failure+="The role may not look: GRANT pg_monitor to it."; fi
        ;;
      *"$US"*) answer+=("$line") ;;
      *) words+=$line$'\n' ;;
    esac
  done
  if ((SECONDS >= deadline)); then
    failure="no answer from the server in its time of $timeout: it lets connections wait, or is overloaded. $words"
  else
    failure="cannot ask the server: ${words:-psql has ended without a word}"
  fi
  disconnect
  return 1
}

# What every question begins with. A transaction, so that nothing is left behind where a pooler lends the session to others.
begin_sql() {
  cat <<'SQL'
BEGIN READ ONLY;
SET LOCAL standard_conforming_strings = on;
SET LOCAL search_path = pg_catalog;
SET LOCAL client_min_messages = error;
SET LOCAL statement_timeout = :timeout_ms;
SET LOCAL lock_timeout = :timeout_ms;
SET LOCAL jit = off;
SET LOCAL TimeZone = 'UTC';
\set us '\037'
\set unsafe '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\U000e0001-\\U000e007f]'
\set valid_utf8 '^([0-7].|(c[2-9a-f]|d.)[89ab].|e.([89ab].){2}|f[0-4]([89ab].){3})*$'
SQL
}

# Where a statement of a question has failed, says so. psql goes on with the rest of its input, which then fails too.
or_say_why() {
  cat <<'SQL'
\if :ERROR
  \set failed :SQLSTATE
  ROLLBACK;
  \echo failed:us:failed
\endif
SQL
}

# What a statement begins with that shows names of roles and databases. They are made harmless where they come from: control and format
# characters are question marks, and so is all but ASCII in a database that is not UTF-8.
names_sql() {
  cat <<'SQL'
WITH own AS MATERIALIZED (
    SELECT d.oid, d.encoding,
           CASE current_setting('server_encoding') WHEN 'UTF8' THEN :'unsafe' ELSE '[^ -~]' END AS unsafe
      FROM pg_database d
     WHERE d.datname = current_database()
), name AS MATERIALIZED (
    -- A name that was given in a database of another encoding cannot be read here, and is a number. To look at its bytes is an error
    -- where they would have to be converted.
    SELECT n.kind, n.oid, n.is_own,
           CASE WHEN current_setting('server_encoding') <> 'UTF8' OR encode(textsend(n.name), 'hex') ~ :'valid_utf8'
                THEN left(regexp_replace(n.name, (SELECT unsafe FROM own), '?', 'g'), 100)
                ELSE '?' || n.oid END AS shown
      FROM (SELECT 'role', oid, rolname::text, rolname = current_user FROM pg_roles
            UNION ALL
            SELECT 'database', oid, datname::text, datname = current_database() FROM pg_database) n(kind, oid, name, is_own)
)
SQL
}

# All that is known, as one JSON document in the variable `doc`. Who counts as what is as in Crablet's server watch, so that the two
# never disagree. Of the names of applications all but ASCII is question marks, as the server itself has it. Statements are not shown, as
# they may hold data: their first word and their id are.
facts_sql() {
  names_sql
  cat <<'SQL'
, lock AS MATERIALIZED (
    SELECT l.pid,
           bool_or(NOT l.granted) AS waits,
           extract(epoch FROM clock_timestamp() - min(l.waitstart) FILTER (WHERE NOT l.granted)) * 1000 AS waiting_ms,
           min(l.locktype) FILTER (WHERE NOT l.granted) AS awaited_kind,
           array_agg(n.nspname::text) FILTER (WHERE l.granted) AS holds,
           min(n.nspname::text) FILTER (WHERE NOT l.granted) AS awaits
      FROM pg_locks l
      LEFT JOIN pg_class c
             ON l.locktype = 'advisory' AND l.classid = 1668440418 AND l.objid = c.oid AND l.objsubid = 1
            AND l.database = (SELECT oid FROM own)
            AND c.relname = 'crablet_events'
      LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT l.granted OR n.oid IS NOT NULL
     GROUP BY l.pid
), session AS MATERIALIZED (
    SELECT coalesce(s.pid, lock.pid, 0) AS pid,
           coalesce(s.backend_type = 'client backend', s.datid IS NOT NULL AND s.usesysid IS NOT NULL) AS client,
           s.backend_type IS NOT NULL AS visible,
           s.datid,
           s.usesysid,
           r.shown AS "user",
           d.shown AS database,
           regexp_replace(s.application_name, '[^ -~]', '?', 'g') AS application,
           CASE WHEN s.backend_type <> 'client backend' THEN s.backend_type
                WHEN s.client_addr IS NOT NULL THEN host(s.client_addr)
                WHEN s.client_port = -1 THEN 'local'
            END AS client_address,
           s.backend_start,
           s.state,
           s.wait_event_type || ': ' || s.wait_event AS wait_event,
           extract(epoch FROM clock_timestamp() - s.xact_start) * 1000 AS transaction_ms,
           extract(epoch FROM clock_timestamp() - s.query_start) * 1000 AS query_ms,
           extract(epoch FROM clock_timestamp() - s.state_change) * 1000 AS state_ms,
           CASE WHEN s.backend_type = 'client backend'
                 AND s.datid IN (SELECT d.oid FROM pg_database d WHERE d.encoding = (SELECT encoding FROM own))
                 AND s.query <> ''
                THEN coalesce(upper(substring(left(s.query, 1000) COLLATE "C" FROM
                         '(?i)^(?:\s|/\*(?:[^*]|\*[^/])*\*/|--[^\n]*\n)*(abort|alter|analyze|begin|call|checkpoint|close|cluster'
                         '|comment|commit|copy|create|deallocate|declare|delete|discard|do|drop|end|execute|explain|fetch|grant'
                         '|insert|listen|lock|merge|move|notify|prepare|reassign|refresh|reindex|release|reset|revoke|rollback'
                         '|savepoint|select|set|show|start|table|truncate|unlisten|update|vacuum|values|with)\M')), 'OTHER')
            END AS command,
           nullif(s.query_id, 0) AS query_id,
           coalesce(lock.waits, false) AS waits,
           coalesce(lock.waiting_ms, extract(epoch FROM clock_timestamp() - s.query_start) * 1000) AS waiting_ms,
           lock.awaited_kind,
           CASE WHEN lock.waits AND row_number() OVER (PARTITION BY lock.waits ORDER BY s.query_start) <= 100
                THEN pg_blocking_pids(lock.pid)
            END AS blocked_by,
           lock.holds,
           lock.awaits
      FROM pg_stat_activity s
      FULL JOIN lock ON lock.pid = s.pid
      LEFT JOIN name r ON r.kind = 'role' AND r.oid = s.usesysid
      LEFT JOIN name d ON d.kind = 'database' AND d.oid = s.datid
), client AS MATERIALIZED (
    SELECT * FROM session WHERE client
), idle AS MATERIALIZED (
    SELECT *, state_ms AS age FROM client WHERE state LIKE 'idle in transaction%' AND state_ms > :idle_warn_ms
), long_running AS MATERIALIZED (
    SELECT *, query_ms AS age FROM client WHERE state = 'active' AND query_ms > :query_warn_ms
), blocked AS MATERIALIZED (
    SELECT *, waiting_ms AS age FROM client WHERE waits
), shown AS MATERIALIZED (
    SELECT s.pid,
           json_build_object(
               'pid', s.pid, 'user', s."user", 'application', nullif(s.application, ''), 'database', s.database,
               'client', s.client_address, 'state', s.state, 'waitEvent', s.wait_event,
               'transactionMs', round(s.transaction_ms), 'queryMs', round(s.query_ms), 'inStateMs', round(s.state_ms),
               'waitingMs', CASE WHEN s.waits THEN round(s.waiting_ms) END, 'awaits', s.awaited_kind,
               'command', s.command, 'queryId', s.query_id::text, 'blockedBy', s.blocked_by) AS session
      FROM session s
), limits AS MATERIALIZED (
    SELECT 1 AS rank, 'server' AS kind, NULL AS name, 'the server leaves to ordinary roles' AS words,
           (SELECT count(*) FROM client) AS used,
           greatest(1, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                       - coalesce(current_setting('reserved_connections', true)::int, 0)) AS allowed
    UNION ALL
    SELECT 2, 'role', n.shown, format('role %s may have', n.shown), (SELECT count(*) FROM client c WHERE c.usesysid = r.oid), r.rolconnlimit
      FROM pg_roles r JOIN name n ON n.kind = 'role' AND n.oid = r.oid
     WHERE r.rolconnlimit > 0 AND r.rolcanlogin AND NOT r.rolsuper
    UNION ALL
    SELECT 3, 'database', n.shown, format('database %s allows', n.shown), (SELECT count(*) FROM client c WHERE c.datid = d.oid), d.datconnlimit
      FROM pg_database d JOIN name n ON n.kind = 'database' AND n.oid = d.oid
     WHERE d.datconnlimit > 0
), application AS MATERIALIZED (
    SELECT nullif(application, '') AS application, "user", database, count(*) AS total,
           count(*) FILTER (WHERE state = 'active') AS active,
           count(*) FILTER (WHERE state = 'idle') AS idle,
           count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
           count(*) FILTER (WHERE NOT visible) AS hidden,
           count(DISTINCT client_address) AS clients
      FROM client
     GROUP BY application, "user", database
), pool AS MATERIALIZED (
    -- A pool lends what has been idle for a moment. Where it has nothing of that, all of it is in use.
    SELECT nullif(application, '') AS application, "user", database, client_address, count(*) AS total,
           count(*) FILTER (WHERE state = 'active') AS active,
           count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
           count(*) FILTER (WHERE state = 'idle') AS just_used
      FROM client
     WHERE visible AND state IS DISTINCT FROM 'disabled' AND pid <> pg_backend_pid()
     GROUP BY application, "user", database, client_address
    HAVING :busy_pool > 0 AND count(*) >= :busy_pool
       AND count(*) FILTER (WHERE state = 'idle' AND state_ms >= 1000) = 0
), append_lock AS MATERIALIZED (
    -- Held since it began to be idle, if it is, and since somebody began to wait: for as long at least.
    SELECT left(regexp_replace(h.schema, (SELECT unsafe FROM own), '?', 'g'), 100) AS schema, s.pid, s.transaction_ms,
           CASE WHEN s.state LIKE 'idle in transaction%' THEN s.state_ms END AS idle_ms,
           w.waiting,
           coalesce(greatest(CASE WHEN s.state LIKE 'idle in transaction%' THEN s.state_ms END, w.longest_ms), 0) AS age
      FROM session s
     CROSS JOIN LATERAL unnest(s.holds) AS h(schema)
     CROSS JOIN LATERAL (SELECT count(*) AS waiting, max(o.waiting_ms) AS longest_ms FROM session o WHERE o.awaits = h.schema) w
), chain AS MATERIALIZED (
    -- A session that several are in the way of is drawn below one: below one that waits for nobody, if there is.
    WITH RECURSIVE waiter AS MATERIALIZED (
        SELECT s.pid, s.waiting_ms,
               (SELECT b.pid FROM unnest(s.blocked_by) AS b(pid) LEFT JOIN session o ON o.pid = b.pid
                 ORDER BY coalesce(o.waits, false), o.waiting_ms DESC NULLS LAST, b.pid LIMIT 1) AS below
          FROM session s
         WHERE s.waits AND cardinality(s.blocked_by) > 0
    ), tree AS (
        SELECT w.below AS pid, 0 AS depth, w.below AS holder, ARRAY[-count(*), w.below] AS path
          FROM waiter w
         WHERE w.below NOT IN (SELECT pid FROM waiter)
         GROUP BY w.below
        UNION ALL
        SELECT w.pid, t.depth + 1, t.holder, t.path || ARRAY[-round(w.waiting_ms), w.pid]::bigint[]
          FROM tree t JOIN waiter w ON w.below = t.pid
    )
    SELECT pid, depth, holder, path, false AS deadlock FROM tree
    UNION ALL
    SELECT w.pid, 0, w.pid, ARRAY[1, w.pid], true FROM waiter w WHERE w.pid NOT IN (SELECT pid FROM tree)
), finding AS MATERIALIZED (
    SELECT CASE WHEN percent >= :crit_usage THEN 'critical' ELSE 'warning' END AS level, 'usage' AS code,
           format('%s of the %s connections that %s are in use, %s %%', used, allowed, words, percent) AS message
      FROM (SELECT *, 100 * used / allowed AS percent FROM limits) l
     WHERE percent >= :warn_usage
    UNION ALL
    SELECT CASE WHEN f.age > f.crit_ms THEN 'critical' ELSE 'warning' END, f.code,
           f.before || CASE WHEN f.age < 1000 THEN round(f.age) || ' ms'
                            WHEN f.age < 120000 THEN round(f.age / 1000) || ' s'
                            WHEN f.age < 7200000 THEN floor(f.age / 60000) || ' min'
                            ELSE floor(f.age / 3600000) || ' h' END || f.after
      FROM (
        SELECT 'blocked' AS code, max(age) AS age, :blocked_crit_ms::float8 AS crit_ms,
               CASE count(*) WHEN 1 THEN '1 session waits' ELSE count(*) || ' sessions wait' END
                   || ' for a lock for more than ' || :'blocked_warn' || ', the longest for ' AS before, '' AS after
          FROM blocked WHERE age > :blocked_warn_ms HAVING count(*) > 0
        UNION ALL
        SELECT 'append-lock', age, :append_crit_ms::float8,
               format('The append lock of the event log in schema %s has been held by backend %s for at least ', schema, pid),
               CASE WHEN idle_ms IS NOT NULL THEN ', which is idle in transaction' ELSE '' END
                   || format('; %s wait%s for it', waiting, CASE waiting WHEN 1 THEN 's' END)
          FROM append_lock WHERE age > :append_warn_ms
        UNION ALL
        SELECT 'idle-in-transaction', max(age), :idle_crit_ms::float8,
               format('%s session%s idle in transaction, the longest for ', count(*), CASE WHEN count(*) > 1 THEN 's' END), ''
          FROM idle HAVING count(*) > 0
        UNION ALL
        SELECT 'long-query', max(age), :query_crit_ms::float8,
               format('%s long-running statement%s, the longest for ', count(*), CASE WHEN count(*) > 1 THEN 's' END), ''
          FROM long_running HAVING count(*) > 0
      ) f
    UNION ALL
    SELECT 'warning', 'busy-pool',
           format('The pool of %s at %s may be exhausted: none of %s sessions has been idle for 1 s (%s active, %s idle in transaction, %s just used)',
                  coalesce(application, '(no name)'), coalesce(client_address, 'an unknown address'), total, active,
                  idle_in_transaction, just_used)
      FROM pool
    UNION ALL
    SELECT 'unknown', 'hidden',
           format('%s of %s sessions are hidden from role %s and may be in any state: GRANT pg_read_all_stats TO %I',
                  count(*) FILTER (WHERE NOT visible), count(*), max(r.name), max(r.name))
      FROM client CROSS JOIN (SELECT shown FROM name WHERE kind = 'role' AND is_own) r(name)
     WHERE NOT :allow_hidden
    HAVING count(*) FILTER (WHERE NOT visible) > 0
    UNION ALL
    SELECT 'unknown', 'hidden',
           format('%s of %s sessions may be in any state: track_activities is off there',
                  count(*) FILTER (WHERE state = 'disabled'), count(*))
      FROM client
     WHERE NOT :allow_hidden
    HAVING count(*) FILTER (WHERE state = 'disabled') > 0
), ranked AS MATERIALIZED (
    SELECT f.*, array_position(ARRAY['critical', 'warning', 'unknown'], f.level) AS rank FROM finding f
)
SELECT replace(json_strip_nulls(json_build_object(
    'takenAt', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'server', json_build_object(
        'host', regexp_replace(:'HOST', (SELECT unsafe FROM own), '?', 'g'), 'port', :'PORT',
        'database', (SELECT shown FROM name WHERE kind = 'database' AND is_own),
        'user', (SELECT shown FROM name WHERE kind = 'role' AND is_own),
        'version', current_setting('server_version'), 'standby', pg_is_in_recovery()),
    'status', coalesce((SELECT level FROM ranked ORDER BY rank LIMIT 1), 'ok'),
    'findings', (SELECT coalesce(json_agg(json_build_object('level', level, 'code', code, 'message', message) ORDER BY rank, code, message), '[]')
                   FROM ranked),
    'connections', (SELECT count(*) FROM client),
    'maxConnections', current_setting('max_connections')::int,
    'reserved', current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true)::int, 0),
    'percent', (SELECT 100 * used / allowed FROM limits WHERE kind = 'server'),
    'idleInTransactionCount', (SELECT count(*) FROM idle),
    'longRunningCount', (SELECT count(*) FROM long_running),
    'blockedCount', (SELECT count(*) FROM blocked),
    'hiddenCount', (SELECT count(*) FROM client WHERE NOT visible),
    'chainCount', (SELECT count(*) FROM (SELECT pid FROM chain UNION SELECT pid FROM session WHERE waits) c),
    'applicationCount', (SELECT count(*) FROM application),
    'byState', (SELECT coalesce(json_object_agg(state, n ORDER BY n DESC, state), '{}')
                  FROM (SELECT CASE WHEN visible THEN coalesce(state, 'starting') ELSE 'hidden' END AS state, count(*) AS n
                          FROM client GROUP BY 1) s),
    'limits', (SELECT json_agg(json_build_object('kind', kind, 'name', name, 'used', used, 'allowed', allowed, 'percent', 100 * used / allowed)
                               ORDER BY rank, name) FROM limits),
    'chains', (SELECT coalesce(json_agg(json_build_object('holder', c.holder, 'depth', c.depth, 'deadlock', c.deadlock,
                                            'session', coalesce(s.session, json_build_object('pid', c.pid))) ORDER BY c.path), '[]')
                 FROM chain c LEFT JOIN shown s ON s.pid = c.pid),
    'appendLocks', (SELECT coalesce(json_agg(json_build_object('schema', schema, 'pid', pid, 'heldAtLeastMs', round(age),
                                'transactionMs', round(transaction_ms), 'idleInTransactionMs', round(idle_ms), 'waiting', waiting)
                                ORDER BY schema), '[]')
                      FROM append_lock),
    'idleInTransaction', (SELECT coalesce(json_agg(s.session ORDER BY i.age DESC), '[]')
                            FROM (SELECT pid, age FROM idle ORDER BY age DESC LIMIT 100) i JOIN shown s USING (pid)),
    'longRunning', (SELECT coalesce(json_agg(s.session ORDER BY i.age DESC), '[]')
                      FROM (SELECT pid, age FROM long_running ORDER BY age DESC LIMIT 100) i JOIN shown s USING (pid)),
    'blocked', (SELECT coalesce(json_agg(s.session ORDER BY i.age DESC), '[]')
                  FROM (SELECT pid, age FROM blocked ORDER BY age DESC NULLS LAST LIMIT 100) i JOIN shown s USING (pid)),
    'busyPools', (SELECT coalesce(json_agg(json_build_object('application', application, 'user', "user", 'database', database,
                              'client', client_address, 'total', total, 'active', active,
                              'idleInTransaction', idle_in_transaction, 'justUsed', just_used) ORDER BY total DESC, application), '[]')
                    FROM pool),
    'applications', (SELECT coalesce(json_agg(json_build_object('application', application, 'user', "user", 'database', database,
                                 'total', total, 'active', active, 'idle', idle, 'idleInTransaction', idle_in_transaction,
                                 'hidden', hidden, 'clients', clients) ORDER BY total DESC, application, "user", database), '[]')
                       FROM (SELECT * FROM application ORDER BY total DESC LIMIT 100) a)
))::text, E'\n', '') AS doc \gset
SQL
}

# The same as rows for the screen: what each is, then its fields.
rows_sql() {
  cat <<'SQL'
WITH d AS MATERIALIZED (
    SELECT :'doc'::json AS doc
), listed AS (
    SELECT 'chain' AS kind, c->>'depth' AS depth, c->>'deadlock' AS deadlock, c->'session' AS s
      FROM d, json_array_elements(doc->'chains') c
    UNION ALL
    SELECT 'idle', NULL, NULL, s FROM d, json_array_elements(doc->'idleInTransaction') s
    UNION ALL
    SELECT 'long', NULL, NULL, s FROM d, json_array_elements(doc->'longRunning') s
)
SELECT array_to_string(ARRAY['server', doc->'server'->>'host', doc->'server'->>'port', doc->'server'->>'database',
           doc->'server'->>'user', split_part(doc->'server'->>'version', ' ', 1), doc->'server'->>'standby', doc->>'takenAt',
           doc->>'status', doc->>'connections', doc->>'maxConnections', doc->>'reserved', doc->>'percent',
           doc->>'blockedCount', doc->>'idleInTransactionCount', doc->>'longRunningCount', doc->>'hiddenCount',
           doc->>'chainCount', doc->>'applicationCount'], :'us', '')
  FROM d
UNION ALL
SELECT array_to_string(ARRAY['finding', f->>'level', f->>'message'], :'us', '') FROM d, json_array_elements(doc->'findings') f
UNION ALL
SELECT array_to_string(ARRAY['state', key, value], :'us', '') FROM d, json_each_text(doc->'byState')
UNION ALL
SELECT array_to_string(ARRAY['limit', l->>'kind', l->>'name', l->>'used', l->>'allowed', l->>'percent'], :'us', '')
  FROM d, json_array_elements(doc->'limits') l
UNION ALL
SELECT array_to_string(ARRAY[kind, depth, deadlock, s->>'pid', s->>'user', s->>'application', s->>'database', s->>'client',
           s->>'state', s->>'waitEvent', s->>'transactionMs', s->>'queryMs', s->>'inStateMs', s->>'waitingMs', s->>'awaits',
           s->>'command', s->>'queryId'], :'us', '')
  FROM listed
UNION ALL
SELECT array_to_string(ARRAY['append', a->>'schema', a->>'pid', a->>'heldAtLeastMs', a->>'transactionMs',
           a->>'idleInTransactionMs', a->>'waiting'], :'us', '')
  FROM d, json_array_elements(doc->'appendLocks') a
UNION ALL
SELECT array_to_string(ARRAY['pool', p->>'application', p->>'user', p->>'database', p->>'client', p->>'total', p->>'active',
           p->>'idleInTransaction', p->>'justUsed'], :'us', '')
  FROM d, json_array_elements(doc->'busyPools') p
UNION ALL
SELECT array_to_string(ARRAY['application', a->>'application', a->>'user', a->>'database', a->>'total', a->>'active', a->>'idle',
           a->>'idleInTransaction', a->>'hidden', a->>'clients'], :'us', '')
  FROM d, json_array_elements(doc->'applications') a;
SQL
}

# Where sessions are looked for: the server, the database and the role.
place_sql() {
  names_sql
  cat <<'SQL'
SELECT array_to_string(ARRAY['place', regexp_replace(:'HOST', (SELECT unsafe FROM own), '?', 'g'), :'PORT',
           (SELECT shown FROM name WHERE kind = 'database' AND is_own),
           (SELECT shown FROM name WHERE kind = 'role' AND is_own)], :'us', '');
SQL
}

# Who may be ended, or with `act` ends them. It looks and acts in one statement, so that next to no time passes in between. Which
# sessions are meant is `targets`, as pid:start,…: a process that has ended since, and whose number another one has, is not among
# them, nor is one that is no longer idle in its transaction for so long. The rules are those of Crablet's endpoint.
sessions_sql() {
  names_sql
  cat <<'SQL'
, meant AS MATERIALIZED (
    SELECT s.*, round(extract(epoch FROM s.backend_start) * 1000000)::bigint AS started
      FROM pg_stat_activity s
     WHERE s.datid = (SELECT oid FROM own)
       AND s.usesysid IS NOT NULL
       AND coalesce(s.backend_type, 'client backend') = 'client backend'
       AND (:older_than_ms IS NULL
            OR s.state LIKE 'idle in transaction%'
               AND s.state_change < clock_timestamp() - make_interval(secs => :older_than_ms / 1000.0))
), judged AS MATERIALIZED (
    SELECT m.*,
           CASE
               WHEN m.pid = pg_backend_pid() THEN 'own'
               WHEN m.application_name IN ('crablet-watch', 'crablet-monitor') THEN 'watch'
               WHEN r.rolsuper IS DISTINCT FROM false THEN 'superuser'
               WHEN NOT pg_has_role(m.usesysid, 'USAGE') AND NOT pg_has_role('pg_signal_backend', 'USAGE')
                    OR m.backend_type IS NULL THEN 'no-right'
               WHEN NOT :act THEN 'listed'
               WHEN NOT (m.pid || ':' || m.started) = ANY (string_to_array(:'targets', ',')) THEN 'not-meant'
               WHEN pg_terminate_backend(m.pid) THEN 'told'
               ELSE 'gone'
           END AS outcome
      FROM meant m
      LEFT JOIN pg_roles r ON r.oid = m.usesysid
)
SELECT array_to_string(ARRAY['session', pid::text, started::text, outcome,
           coalesce((SELECT shown FROM name WHERE kind = 'role' AND oid = usesysid), '?' || usesysid),
           regexp_replace(application_name, '[^ -~]', '?', 'g'),
           coalesce(host(client_addr), CASE WHEN client_port = -1 THEN 'local' END),
           CASE WHEN backend_type IS NULL THEN 'hidden' ELSE coalesce(state, 'starting') END,
           round(extract(epoch FROM clock_timestamp() - state_change) * 1000)::text], :'us', '')
  FROM judged
 WHERE outcome NOT IN ('own', 'not-meant')
 ORDER BY outcome <> 'listed', state_change;
SELECT array_to_string(ARRAY['hidden', count(*)::text], :'us', '')
  FROM pg_stat_activity s
  JOIN pg_database d ON d.oid = s.datid
 WHERE d.datname = current_database()
   AND s.usesysid IS NOT NULL
   AND (s.backend_type IS NULL OR s.state = 'disabled')
   AND :older_than_ms IS NOT NULL;
SQL
}

# What is left of the targets, whatever they do by now.
left_sql() {
  cat <<'SQL'
SELECT array_to_string(ARRAY['left', pid::text], :'us', '')
  FROM pg_stat_activity
 WHERE (pid || ':' || round(extract(epoch FROM backend_start) * 1000000)::bigint) = ANY (string_to_array(:'targets', ','));
SQL
}

# transaction SQL: the whole of a question.
transaction() {
  REPLY="$(begin_sql)"$'\n'"$1"$'\n'"$(or_say_why)"$'\n'"ROLLBACK;"
}

# In the order of a language a range of characters has letters and digits in it that do not belong there. What a character is, and the
# language of psql, stay as they are.
order_by_code() {
  if [[ -n ${LC_ALL:-} ]]; then
    export LC_CTYPE=$LC_ALL LC_MESSAGES=$LC_ALL
    unset LC_ALL
  fi
  LC_COLLATE=C
}

# What the terminal can show. Without UTF-8 nothing but ASCII is printed.
prepare_output() {
  # Two bytes may be a character elsewhere too; these three are not. Where a locale is not installed, bash may be of two minds.
  local euro=$'\xe2\x82\xac'
  utf8=false
  if [[ ${#euro} == 1 && $euro == $'\u20ac' ]]; then utf8=true; fi
  wide='' combining='' ellipsis=... bar_of_tree='|  ' branch='|- ' last_branch='`- '
  if [[ $utf8 == true ]]; then
    wide=$'\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U1f300-\U1f64f\U1f680-\U1f9ff\U20000-\U3fffd'
    combining=$'\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f'
    ellipsis=… bar_of_tree='│  ' branch='├─ ' last_branch='└─ '
  fi
  colour=false screen=false
  if [[ -t 1 && ${TERM:-dumb} != dumb ]]; then
    if [[ -z ${NO_COLOR:-} ]]; then colour=true; fi
    if [[ $once == false && $json == false && -z $command ]]; then screen=true; fi
  fi
}

# Cells of a terminal that a text takes.
width() {
  local text=$1
  if [[ $utf8 == true ]]; then
    text=${text//[$combining]/}
    text=${text//[$wide]/xx}
  fi
  REPLY=${#text}
}

# fit TEXT CELLS: no more than that.
fit() {
  local text=$1
  width "$text"
  if ((REPLY > $2)); then
    while ((REPLY + ${#ellipsis} > $2)) && [[ -n $text ]]; do
      text=${text%?}
      width "$text"
    done
    text+=$ellipsis
  fi
  REPLY=$text
}

# wrap TEXT CELLS INDENT: puts it into `wrapped`, in lines of no more than that, between words where it can.
wrap() {
  local rest=$1 piece indent
  printf -v indent '%*s' "$3" ''
  wrapped=()
  while width "$rest" && ((REPLY > $2)); do
    piece=${rest:0:$2}
    while width "$piece" && ((REPLY > $2)); do piece=${piece%?}; done
    if [[ ${rest:${#piece}:1} != ' ' && ${piece% *} == *[!\ ]* ]]; then piece=${piece% *}; fi
    wrapped+=("$piece")
    rest=${rest:${#piece}}
    rest=$indent${rest#"${rest%%[! ]*}"}
  done
  wrapped+=("$rest")
}

# A time in the unit that suits it. Nothing where it is not known.
age() {
  local ms=${1%%.*} seconds
  if [[ -z $ms ]]; then REPLY='' && return; fi
  if ((ms < 0)); then ms=0; fi
  seconds=$(((ms + 500) / 1000))
  if ((ms < 1000)); then
    REPLY="$ms ms"
  elif ((seconds < 120)); then
    REPLY="$seconds s"
  elif ((seconds < 7200)); then
    REPLY="$((seconds / 60)) min"
  else
    REPLY="$((seconds / 3600)) h"
  fi
}

lines=() styles=() indents=()

# Whatever the SQL has let through, and the terminal cannot show.
printable() {
  REPLY=${1//[[:cntrl:]]/?}
  if [[ $utf8 == false ]]; then REPLY=${REPLY//[^ -~]/?}; fi
}

# line STYLE TEXT [INDENT]: where it is wider than the screen it goes on below, at the indent. With an empty one it is cut.
line() {
  printable "$2"
  styles+=("$1")
  lines+=("$REPLY")
  indents+=("${3-2}")
}

heading() {
  line plain ''
  line bold "$1"
}

cells=()

# cell TEXT WIDTH: puts it into a column, cut or filled up. A width below zero puts it to the right.
cell() {
  printable "$1"
  fit "$REPLY" "${2#-}"
  uncut "$REPLY" "$2"
}

# uncut TEXT WIDTH: the same, and a text that is too long is longer than its column.
uncut() {
  local text missing fill
  printable "$1"
  text=$REPLY
  width "$text"
  missing=$((${2#-} - REPLY))
  printf -v fill '%*s' $((missing > 0 ? missing : 0)) ''
  if [[ $2 == -* ]]; then cells+=("$fill$text"); else cells+=("$text$fill"); fi
}

# end_row STYLE INDENT: makes a line of the cells.
end_row() {
  local row
  printf -v row '%s  ' "${cells[@]}"
  cells=()
  row="$2$row"
  line "$1" "${row%"${row##*[! ]}"}" ''
}

# capitals LEVEL: in English, whatever the locale. A Turkish i keeps its dot.
capitals() {
  case $1 in
    ok) REPLY=OK ;;
    warning) REPLY=WARNING ;;
    critical) REPLY=CRITICAL ;;
    *) REPLY=UNKNOWN ;;
  esac
}

# What the rows of an answer say, as lines in `lines`.
compose() {
  local row kind f
  local states=() limits=() chains=() idles=() longs=() appends=() pools=() applications=()
  findings=() lines=() styles=() indents=()
  for row in "${answer[@]}"; do
    kind=${row%%"$US"*}
    row=${row#*"$US"}
    case $kind in
      server)
        fields "$row"
        head=("${f[@]}")
        ;;
      finding) findings+=("$row") ;;
      state) states+=("$row") ;;
      limit) limits+=("$row") ;;
      chain) chains+=("$row") ;;
      idle) idles+=("$row") ;;
      long) longs+=("$row") ;;
      append) appends+=("$row") ;;
      pool) pools+=("$row") ;;
      *) applications+=("$row") ;;
    esac
  done
  status=${head[7]}
  compose_head
  compose_usage
  compose_chains
  compose_append_locks
  compose_sessions "Idle in transaction for more than ${idle_in_transaction%%/*}" "${head[13]}" 11 ${idles[@]+"${idles[@]}"}
  compose_sessions "Statements running for more than ${long_query%%/*}" "${head[14]}" 10 ${longs[@]+"${longs[@]}"}
  compose_pools
  compose_applications
}

# fields ROW: puts its fields into `f`. What is added at the end keeps the empty ones that would be last.
fields() {
  IFS=$US read -r -a f <<<"$1$US."
}

compose_head() {
  local finding word standby='' keys=''
  if [[ $screen == true ]]; then keys=", every $interval, q quits"; fi
  if [[ ${head[5]} == true ]]; then standby=', standby'; fi
  line bold "${head[0]}:${head[1]}/${head[2]} as ${head[3]}, PostgreSQL ${head[4]}$standby, ${head[6]}$keys"
  if ((${#findings[@]} == 0)); then line ok 'OK       nothing is beyond its threshold'; fi
  for finding in ${findings[@]+"${findings[@]}"}; do
    fields "$finding"
    capitals "${f[0]}"
    printf -v word '%-8s' "$REPLY"
    line "${f[0]}" "$word  ${f[1]}" 10
  done
}

compose_usage() {
  local row n name bar='' legend='' used=${head[8]} most=${head[9]} scope
  local -A sign=(['active']='#' ['idle']='-' ['idle in transaction']='!' ['idle in transaction (aborted)']='!'
    ['hidden']='?' ['disabled']='?')
  heading "Connections: $used of $((most - head[10])) (max_connections $most - ${head[10]} reserved), ${head[11]} %"
  for row in ${states[@]+"${states[@]}"}; do
    fields "$row"
    name=${f[0]} n=${f[1]}
    legend+="$n $name ${sign[$name]:-+}, "
    # Rounded up, so that whatever is there can be seen.
    printf -v row '%*s' $(((n * 60 + most - 1) / most)) ''
    bar+=${row// /"${sign[$name]:-+}"}
  done
  printf -v row '%*s' 60 ''
  bar+=${row// /.}
  line plain "  [${bar:0:60}] ${legend%, }"
  for row in ${limits[@]+"${limits[@]}"}; do
    fields "$row"
    scope="${f[0]} ${f[1]}"
    if [[ ${f[0]} != server ]]; then line plain "  connection limit of $scope: ${f[2]} of ${f[3]}, ${f[4]} %"; fi
  done
}

# The cells that say whose a session is. The most telling come first, for a narrow terminal.
session_cells() {
  cell "${f[4]:-(no name)}" 22
  cell "${f[14]}" 10
  cell "${f[3]}" 14
  cell "${f[5]}" 14
  cell "${f[6]}" 15
  cell "${f[15]}" 20
}

session_titles() {
  cell APPLICATION 22
  cell COMMAND 10
  cell USER 14
  cell DATABASE 14
  cell CLIENT 15
  cell 'QUERY ID' 20
}

# compose_sessions TITLE COUNT FIELD ROW...: FIELD has the time that matters.
compose_sessions() {
  local title=$1 count=$2 field=$3 row state
  shift 3
  if ((count == 0)); then return; fi
  heading "$title: $count"
  cell PID -7
  cell FOR -7
  cell 'IN TX' -7
  cell STATE 28
  session_titles
  end_row dim '  '
  for row in "${@:1:rows}"; do
    fields "$row"
    cell "${f[2]}" -7
    age "${f[field]}"
    cell "$REPLY" -7
    age "${f[9]}"
    cell "$REPLY" -7
    state=${f[7]}
    if [[ $state == active && -n ${f[8]} ]]; then state+=", ${f[8]}"; fi
    cell "$state" 28
    session_cells
    end_row warning '  '
  done
  left_out "$count" "$#"
}

# left_out COUNT LISTED: how many of a list are not shown.
left_out() {
  local shown=$(($2 < rows ? $2 : rows))
  if (($1 > shown)); then line dim "  and $(($1 - shown)) more"; fi
}

# The holder first, whoever waits for it below. A branch is the last one if no other of its depth comes before one that is less deep.
compose_chains() {
  local i depth row prefix last=() open=() above=()
  if ((${#chains[@]} == 0)); then return; fi
  heading "Blocking chains: ${head[12]} waiting"
  for ((i = ${#chains[@]} - 1; i >= 0; i--)); do
    depth=${chains[i]%%"$US"*}
    last[i]=${open[depth]:-last}
    open=("${open[@]:0:depth}")
    for ((row = ${#open[@]}; row < depth; row++)); do open[row]=''; done
    open[depth]='more'
  done
  for ((i = 0; i < ${#chains[@]} && i < rows; i++)); do
    fields "${chains[i]}"
    depth=${f[0]} prefix=''
    for ((row = 1; row < depth; row++)); do prefix+=${above[row]}; done
    if ((depth > 0)); then
      if [[ ${last[i]} == last ]]; then prefix+=$last_branch above[depth]='   '; else prefix+=$branch above[depth]=$bar_of_tree; fi
    fi
    chain_row "$prefix"
  done
  left_out "${head[16]}" "${#chains[@]}"
}

chain_row() {
  local style=plain what
  if [[ ${f[1]} == true ]]; then
    what="${f[2]} in a deadlock, or behind one"
  elif ((f[0] > 0)); then
    age "${f[12]}"
    what="${f[2]} waits ${REPLY:+$REPLY }for ${f[13]:-a lock}"
  elif ((f[2] == 0)); then
    style=warning what="a prepared transaction (pg_prepared_xacts)"
  else
    style=warning
    age "${f[11]}"
    what="${f[2]} holds, ${f[7]:-hidden}${REPLY:+ $REPLY}"
  fi
  cell "$1$what" 44
  if ((f[2] != 0)); then session_cells; fi
  end_row "$style" '  '
}

compose_append_locks() {
  local row text
  for row in ${appends[@]+"${appends[@]}"}; do
    fields "$row"
    heading "Append lock of the event log in schema ${f[0]}"
    text="held by backend ${f[1]}"
    if ((f[1] == 0)); then text='held by a prepared transaction'; fi
    age "${f[2]}"
    text+=" for at least $REPLY"
    age "${f[3]}"
    text+="${REPLY:+, its transaction is $REPLY old}"
    age "${f[4]}"
    text+="${REPLY:+, idle in transaction for $REPLY}; ${f[5]} waiting"
    line plain "  $text"
  done
}

compose_pools() {
  local row
  if ((${#pools[@]} == 0)); then return; fi
  heading 'Pools that may be exhausted: no session has been idle for 1 s. Whether callers wait only the application knows'
  cell SESSIONS -8
  cell ACTIVE -7
  cell IDLE-IN-TX -10
  cell JUST-USED -9
  cell APPLICATION 30
  cell CLIENT 15
  cell USER 14
  cell DATABASE 14
  end_row dim '  '
  for row in "${pools[@]:0:rows}"; do
    fields "$row"
    cell "${f[4]}" -8
    cell "${f[5]}" -7
    cell "${f[6]}" -10
    cell "${f[7]}" -9
    cell "${f[0]:-(no name)}" 30
    cell "${f[3]}" 15
    cell "${f[1]}" 14
    cell "${f[2]}" 14
    end_row warning '  '
  done
  left_out "${#pools[@]}" "${#pools[@]}"
}

compose_applications() {
  local row
  heading 'By application'
  cell SESSIONS -8
  cell ACTIVE -7
  cell IDLE -7
  cell IDLE-IN-TX -10
  cell HIDDEN -7
  cell APPLICATION 30
  cell USER 14
  cell DATABASE 14
  cell CLIENTS -7
  end_row dim '  '
  for row in "${applications[@]:0:rows}"; do
    fields "$row"
    cell "${f[3]}" -8
    cell "${f[4]}" -7
    cell "${f[5]}" -7
    cell "${f[6]}" -10
    cell "${f[7]}" -7
    cell "${f[0]:-(no name)}" 30
    cell "${f[1]}" 14
    cell "${f[2]}" 14
    cell "${f[8]}" -7
    end_row plain '  '
  done
  left_out "${head[17]}" "${#applications[@]}"
}

# paint COLUMNS ROWS: prints the lines, as many as there is room for. 0 is any number.
paint() {
  local columns=$1 room=$2 i text end='' texts=() text_styles=() wrapped
  for ((i = 0; i < ${#lines[@]}; i++)); do
    wrapped=("${lines[i]}")
    if ((columns > 0)) && [[ -n ${indents[i]} ]]; then
      wrap "${lines[i]}" "$columns" "${indents[i]}"
    elif ((columns > 0)) && [[ $screen == true ]]; then
      fit "${lines[i]}" "$columns"
      wrapped=("$REPLY")
    fi
    for text in "${wrapped[@]}"; do
      texts+=("$text")
      text_styles+=("${styles[i]}")
    done
  done
  if [[ $screen == true ]]; then
    printf '\e[H'
    end=$'\e[K'
  fi
  for ((i = 0; i < ${#texts[@]}; i++)); do
    if ((room > 0 && i == room - 1 && ${#texts[@]} > room)); then
      fit "$((${#texts[@]} - i)) more lines: make the terminal taller" "$columns"
      printf '%s' "$REPLY"
      break
    fi
    # The last line of a full screen must not scroll it.
    styled "${text_styles[i]}" "${texts[i]}"
    printf '%s%s' "$REPLY" "$end"
    if ((room == 0 || i < room - 1)); then printf '\n'; fi
  done
  if [[ $screen == true ]]; then printf '\e[K\e[J'; fi
}

# styled STYLE TEXT: without a subshell, in whose last moments Ctrl-C would be lost.
styled() {
  local code=''
  if [[ $colour == true ]]; then
    case $1 in
      bold) code=1 ;;
      dim) code=2 ;;
      ok) code=32 ;;
      warning) code=33 ;;
      critical) code='1;31' ;;
      unknown) code=35 ;;
      *) ;;
    esac
  fi
  REPLY=$2
  if [[ -n $code ]]; then REPLY=$'\e['${code}m$2$'\e[0m'; fi
}

terminal_size() {
  local size
  columns=80 room=24
  if size=$(stty size 2>/dev/null </dev/tty) && [[ $size =~ ^([1-9][0-9]*)\ ([1-9][0-9]*)$ ]]; then
    room=${BASH_REMATCH[1]} columns=${BASH_REMATCH[2]}
  fi
  # Narrower than that nothing can be read, nor wrapped.
  if ((columns < 20)); then columns=20; fi
}

show() {
  local columns=0 room=0
  if [[ -t 1 ]]; then terminal_size; fi
  if [[ $screen == false ]]; then room=0; fi
  paint "$columns" "$room"
}

# The status line of a Nagios plugin, and the findings. A bar begins the figures, so there is no other.
show_nagios() {
  local finding text word used=${head[8]} usable=$((head[9] - head[10]))
  capitals "$status"
  word=$REPLY
  text="$used of $usable connections in use"
  if ((${#findings[@]} > 0)); then
    fields "${findings[0]}"
    text=${f[1]}
  fi
  printable "${text//|//}"
  printf 'CRABLET %s - %s | usage=%s%%;%s;%s;0;100 connections=%s;;;0;%s blocked=%s;;;0 idle_in_transaction=%s;;;0 long_running=%s;;;0 hidden=%s;;;0\n' \
    "$word" "$REPLY" "${head[11]}" "$warn_usage" "$crit_usage" "$used" "$usable" "${head[12]}" "${head[13]}" "${head[14]}" "${head[15]}"
  for finding in ${findings[@]+"${findings[@]:1}"}; do
    fields "$finding"
    capitals "${f[0]}"
    word=$REPLY
    printable "${f[1]//|//}"
    printf '%s: %s\n' "$word" "$REPLY"
  done
}

exit_code() {
  case $status in
    ok) REPLY=0 ;;
    warning) REPLY=1 ;;
    critical) REPLY=2 ;;
    *) REPLY=$UNKNOWN ;;
  esac
}

# One look: the answer in `answer`, `status`, and with --json the document in `document`.
look() {
  local rows_or_json
  if [[ $json == true ]]; then
    rows_or_json=$'\\echo json:us:doc\nSELECT \'status\' || :\'us\' || (:\'doc\'::json ->> \'status\');'
  else
    rows_or_json=$(rows_sql)
  fi
  transaction "$(facts_sql)"$'\n'"$(or_say_why)"$'\n'"$rows_or_json"
  ask "$REPLY" || return 1
  if [[ $json == true ]]; then
    document=${answer[0]#*"$US"}
    status=${answer[1]#*"$US"}
  else
    compose
  fi
}

show_once() {
  look || die "$failure"
  exit_code
  local code=$REPLY finding
  if [[ $quiet == false || $code != 0 ]]; then
    if [[ $json == true ]]; then
      printf '%s\n' "$document"
    elif [[ $nagios == true ]]; then
      show_nagios
    else
      show
    fi
  fi
  # Who asked for lines only, such as cron with its output thrown away, learns it too.
  if [[ $code == "$UNKNOWN" && $json == false ]]; then
    fields "${findings[0]}"
    printf 'monitor-connections.sh: %s\n' "${f[1]}" >&2
  fi
  stop "$code"
}

resized=false

watch_it() {
  local seen=false
  if [[ $screen == true ]]; then
    on_screen=true
    trap 'stop 130' INT
    trap 'stop 143' TERM HUP
    trap 'resized=true' WINCH
  fi
  while :; do
    if look; then
      if [[ $seen == false && $screen == true ]]; then printf '\e[?1049h\e[?25l'; fi
      seen=true
      if [[ $json == true ]]; then printf '%s\n' "$document"; else show; fi
    elif [[ $seen == false ]]; then
      die "$failure"
    else
      say_failure
    fi
    if [[ $screen == false && $json == false ]]; then printf '\n'; fi
    pause
  done
}

# The figures on the screen are not of now any more, so they go.
say_failure() {
  plain "$failure"
  printf -v failed_at '%(%H:%M:%S)T' -1
  if [[ $screen == true ]]; then
    lines=() styles=() indents=()
    line critical "$failed_at $REPLY"
    line plain "Trying again every $interval."
    show
  else
    printf 'monitor-connections.sh: %s %s Trying again every %s.\n' "$failed_at" "$REPLY" "$interval" >&2
  fi
}

# Waits until the next look is due. On a screen in short steps, to notice keys and a new size.
pause() {
  local key left=$interval_ms
  if [[ $screen == false || ! -t 0 ]]; then
    sleep "$((interval_ms / 1000)).$(printf %03d $((interval_ms % 1000)))"
    return
  fi
  for ((; left > 0; left -= 250)); do
    if IFS= read -r -s -n 1 -t 0.25 key; then
      case $key in
        q | Q) stop "$OK" ;;
        '') return ;;
        *) ;;
      esac
    fi
    if [[ $resized == true ]]; then
      resized=false
      show
    fi
  done
}

run_command() {
  local row f place targets='' list=() hidden count=0 code=0
  transaction "$(place_sql)"$'\n'"\\set act false"$'\n'"\\set targets ''"$'\n'"$(sessions_sql)"
  ask "$REPLY" || die "$failure"
  fields "${answer[0]}"
  printable "${f[1]}:${f[2]}/${f[3]}"
  place=$REPLY
  printable "On $place as ${f[4]}:"
  printf '%s\n' "$REPLY"
  list=("${answer[@]:1:${#answer[@]}-2}")
  hidden=${answer[-1]#*"$US"}
  for row in ${list[@]+"${list[@]}"}; do
    fields "${row#*"$US"}"
    if [[ ${f[2]} == listed ]]; then
      targets+="${targets:+,}${f[0]}:${f[1]}"
      count=$((count + 1))
    elif [[ ${f[2]} == no-right ]]; then
      code=$WARNING
    fi
  done
  show_list
  if ((hidden > 0)); then
    echo "$hidden more $(plural "$hidden" session) may be idle in transaction too:" \
      "that shows only with pg_read_all_stats, and where track_activities is on."
    code=$WARNING
  fi
  if ((count == 0)); then
    echo 'There is no session to end.'
    stop "$code"
  fi
  if [[ $dry_run == true ]]; then
    echo 'This was a dry run: nothing was done.'
    stop "$code"
  fi
  confirm "$count $(plural "$count" session) on $place"
  end_sessions "$targets"
}

# Lists what was found, those to be ended first. It may be longer and wider than the terminal, but all of it is there.
show_list() {
  local row f what
  lines=() styles=() indents=()
  if ((${#list[@]} > 0)); then
    cell '' 5
    cell PID -7
    cell FOR -7
    cell STATE 30
    cell APPLICATION 22
    cell USER 14
    cell CLIENT 15
    end_row dim ''
  fi
  for row in ${list[@]+"${list[@]}"}; do
    fields "${row#*"$US"}"
    reason "${f[2]}"
    what=$REPLY
    if [[ -n $what ]]; then cell leave 5; else cell end 5; fi
    cell "${f[0]}" -7
    age "${f[7]}"
    cell "$REPLY" -7
    cell "${f[6]}" 30
    uncut "${f[4]:-(no name)}" 22
    uncut "${f[3]}" 14
    uncut "${f[5]}" 15
    if [[ -n $what ]]; then uncut "left alone: $what" 0; fi
    end_row "${what:+dim}" ''
  done
  paint 0 0
}

# Why a session is left alone. Nothing if it is not.
reason() {
  case $1 in
    watch) REPLY='it watches the server, as this does' ;;
    superuser) REPLY='its role is a superuser' ;;
    no-right) REPLY='no right: needs pg_signal_backend and pg_read_all_stats' ;;
    *) REPLY='' ;;
  esac
}

# confirm SESSIONS: asks whether to end them.
confirm() {
  local reply=''
  if [[ $yes == true ]]; then return; fi
  if [[ ! -t 0 ]]; then
    die "nothing was done: there is no terminal to ask on; --yes does it without asking, --dry-run only lists"
  fi
  printf 'End %s? Their transactions are rolled back. [y/N] ' "$1" >&2
  IFS= read -r reply || true
  if [[ ${reply,,} != y && ${reply,,} != yes ]]; then
    echo 'Nothing was done.'
    stop "$WARNING"
  fi
}

plural() {
  if (($1 == 1)); then echo "$2"; else echo "${2}s"; fi
}

# end_sessions TARGETS: and says what came of each.
end_sessions() {
  local targets=$1 row f pid attempt
  local -A outcome=() still=()
  transaction "\\set act true"$'\n'"\\set targets '$targets'"$'\n'"$(sessions_sql)"
  ask "$REPLY" || die "$failure Some sessions may have been ended: look again."
  for row in "${answer[@]}"; do
    fields "$row"
    if [[ ${f[0]} == session ]]; then outcome[${f[1]}]=${f[3]}; fi
  done
  # A session ends when it notices, a moment later.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    transaction "\\set targets '$targets'"$'\n'"$(left_sql)"
    ask "$REPLY" || die "$failure The sessions were told to end; whether they have is not known."
    if ((${#answer[@]} == 0)); then break; fi
    if ((attempt < 10)); then sleep 0.2; fi
  done
  for row in ${answer[@]+"${answer[@]}"}; do still[${row#*"$US"}]=true; done
  for row in ${targets//,/ }; do
    pid=${row%%:*}
    case ${outcome[$pid]:-not-meant}:${still[$pid]:-false} in
      told:false) echo "$pid terminated" ;;
      told:true)
        echo "$pid was told to end and has not yet"
        code=$WARNING
        ;;
      no-right:true)
        echo "$pid left alone: no right"
        code=$WARNING
        ;;
      *:false) echo "$pid gone meanwhile" ;;
      *) echo "$pid left alone: no longer idle in transaction for so long" ;;
    esac
  done
  stop "$code"
}

main() {
  order_by_code
  read_options "$@"
  check_options_fit
  psql_settings
  name_the_server
  prepare_output
  if [[ -n $command ]]; then
    run_command
  elif [[ $once == true ]]; then
    show_once
  else
    watch_it
  fi
}

main "$@"
