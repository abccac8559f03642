#!/usr/bin/env bash
# A session with the running sample application. Usage: scripts/session.sh [URL, by default http://localhost:8080]
set -euo pipefail

url=${1:-http://localhost:${SERVER_PORT:-8080}}
# Names of their own for each run, so that it can be run again on the same data: a course has an id only once, and a
# student subscribes to ten courses at most.
run=$(date +%s)
course=sql-$run

say() {
  printf '\n# %s\n' "$*"
}

# Prints a request as it can be pasted, sends it, and prints the answer and its status.
request() {
  local method=$1 path=$2 body=${3:-}
  local options=(-X "$method") shown="-X $method"
  if [[ -n $body ]]; then
    options+=(-H 'Content-Type: application/json' -d "$body")
    shown+=" -H 'Content-Type: application/json' -d '$body'"
  fi
  echo "> curl $shown '$url$path'"
  curl --silent --show-error --max-time 60 --write-out '\nHTTP %{http_code}\n' "${options[@]}" "$url$path"
}

say 'Two seats in a course'
request POST /courses "{\"id\":\"$course\",\"capacity\":2}"

say 'Two students take them, a third finds the course full'
request POST "/courses/$course/subscriptions" "{\"student\":\"ada-$run\"}"
request POST "/courses/$course/subscriptions" "{\"student\":\"grace-$run\"}"
request POST "/courses/$course/subscriptions" "{\"student\":\"edsger-$run\"}"

say 'One seat more, and the third has a place'
request PATCH "/courses/$course" '{"capacity":3}'
request POST "/courses/$course/subscriptions" "{\"student\":\"edsger-$run\"}"

say 'The course as it stands, and the position of the log at which this is true'
request GET "/courses/$course"

say 'What has happened to it'
request GET "/events?tag=course:$course"

say 'Who has subscribed to anything, the first three'
request GET '/events?type=StudentSubscribed&limit=3'

say 'How the pool and the database are'
request GET /actuator/health

say 'With the profile "faults": a transaction is left idle, and 5 s later the pool says who holds its connection, and why'
request POST '/faults/idle-in-transaction?seconds=10'
sleep 5
request GET /actuator/pool/dataSource
