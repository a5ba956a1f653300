# shellcheck shell=bash
# Starting and watching a service, for the scripts beside this folder. Sourced, not run.

# release_binary: the path of the emc to run: EMC_BINARY, or the release build of this repository, built when needed.
release_binary() {
  if [[ -n ${EMC_BINARY-} ]]; then
    realpath "$EMC_BINARY"
  else
    swift build -c release --product emc >&2 &&
      printf '%s/emc\n' "$(swift build -c release --show-bin-path)"
  fi
}

# free_port FIRST: the first port from FIRST on that nothing listens on at 127.0.0.1.
free_port() {
  local port=$1
  while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

# is_emc PID: whether that process is a live emc, rather than another one that got its number.
is_emc() { [[ -n ${1-} && $(readlink "/proc/$1/exe" 2> /dev/null) == */emc* ]]; }

# listens PID PORT: whether that process listens on the port, rather than another that was given it in the same moment.
listens() {
  local inode
  inode=$(awk -v port="$(printf ':%04X$' "$2")" '$4 == "0A" && $2 ~ port { print $10 }' /proc/net/tcp /proc/net/tcp6 2> /dev/null)
  [[ -n $inode && -n $(find "/proc/$1/fd" -lname "socket:\[${inode%%$'\n'*}\]" 2> /dev/null) ]]
}

# wait_until_ready URL PID LOG: returns when the process answers /readyz; prints the log's end when it can't.
wait_until_ready() {
  local url=$1 pid=$2 log=$3 deadline=$((SECONDS + 60))
  until listens "$pid" "${url##*:}" && curl --fail --silent --output /dev/null --max-time 5 "$url/readyz"; do
    if ! is_emc "$pid" || ((SECONDS > deadline)); then
      printf 'the service did not become ready; the end of %s:\n' "$log" >&2
      tail -n 5 "$log" >&2
      return 1
    fi
    sleep 0.2
  done
}

# submit URL FILE: posts a specification and prints the job's address.
submit() {
  curl --fail-with-body --silent --show-error --header 'Content-Type: application/json' --data-binary "@$2" \
    "$1/v1/jobs" | jq --raw-output --arg url "$1" '"\($url)/v1/jobs/\(.id)"'
}

# has_ended STATE: whether a job in this state will not change any more.
has_ended() { [[ $1 == succeeded || $1 == failed || $1 == cancelled ]]; }

# stop_service PID: asks for a graceful shutdown and waits for its end.
stop_service() {
  local pid=$1 deadline=$((SECONDS + 20))
  kill -TERM "$pid" 2> /dev/null || return 0
  while is_emc "$pid"; do
    if ((SECONDS > deadline)); then
      printf 'the service (process %s) did not end within 20 s\n' "$pid" >&2
      return 1
    fi
    sleep 0.1
  done
}

# A service for a check: on a data directory of its own, apart from any other on this machine.
# start_service BINARY DIRECTORY WORKERS: sets service_pid and service_url.
start_service() {
  local port
  port=$(free_port 18080)
  mkdir -p "$2"
  env -u DATABASE_URL "$1" serve --listen "127.0.0.1:$port" --workers "$3" --data-directory "$2" \
    >> "$2.log" 2>&1 < /dev/null &
  service_pid=$!
  service_url=http://127.0.0.1:$port
  # The shell starts the program a moment after it has returned.
  until is_emc "$service_pid" || ! kill -0 "$service_pid" 2> /dev/null; do sleep 0.01; done
  wait_until_ready "$service_url" "$service_pid" "$2.log"
}

# stop_database DIRECTORY: ends the private cluster that a killed service has left behind.
stop_database() {
  local file
  for file in "$1"/*/postmaster.pid "$1"/*/*/postmaster.pid; do
    [[ ! -e $file ]] || kill -INT "$(head -n 1 "$file")" 2> /dev/null || true
  done
}

# wait_for_result JOB SECONDS: prints the job when it has succeeded; an error when it ends otherwise.
wait_for_result() {
  local answer state deadline=$((SECONDS + $2))
  while true; do
    answer=$(curl --fail --silent --show-error "$1") || return 1
    state=$(jq --raw-output .state <<< "$answer")
    if has_ended "$state"; then break; fi
    if ((SECONDS > deadline)); then
      printf '%s is still %s after %s s\n' "$1" "$state" "$2" >&2
      return 1
    fi
    sleep 0.2
  done
  [[ $state == succeeded ]] || {
    printf '%s has %s: %s\n' "$1" "$state" "$(jq --compact-output .error <<< "$answer")" >&2
    return 1
  }
  printf '%s\n' "$answer"
}

# without_times: the result JSON on standard input with sorted keys and without what may differ between two runs, and without
# the specification, which a result of emc measure carries along and one of a job, that has it beside, does not.
without_times() { jq --sort-keys 'del(.probes[].seconds, .specification)'; }

# database_url DIRECTORY: the address of the private cluster in a data directory, for psql and emc worker.
database_url() {
  local socket
  socket=$(sed -n 5p "$1/postgresql/data/postmaster.pid") && [[ -n $socket ]] &&
    printf 'postgresql://emc@/emc?host=%s&port=5432\n' "${socket//\//%2F}"
}

# database_process DIRECTORY: the process of the private cluster's server.
database_process() { head -n 1 "$1/postgresql/data/postmaster.pid"; }

# A PostgreSQL cluster for a check that stops the database or has two processes on it, apart from the private cluster of any service.
# make_cluster DIRECTORY: makes one below DIRECTORY, which others must be able to enter, starts it, and sets cluster_url.
make_cluster() {
  cluster_directory=$1/cluster
  cluster_as=()
  if ((EUID == 0)); then
    cluster_as=(setpriv --reuid=postgres --regid=postgres --init-groups --)
    install -d -o postgres -g postgres "$cluster_directory"
  else
    mkdir "$cluster_directory"
  fi
  cluster_programs=$(dirname "$(find /usr/lib/postgresql -name initdb | sort --version-sort | tail -n 1)")
  (cd "$cluster_directory" && "${cluster_as[@]}" "$cluster_programs/initdb" --pgdata "$cluster_directory/data" --username emc \
    --auth trust --locale C --encoding UTF8 --no-sync > /dev/null)
  start_cluster
  cluster_url="postgresql://emc@/postgres?host=${cluster_directory//\//%2F}"
}

start_cluster() {
  control_cluster start --log "$cluster_directory/log" \
    --options "-c listen_addresses='' -c unix_socket_directories='$cluster_directory'" > /dev/null
}

# stop_cluster: at once, as if its machine had lost power.
stop_cluster() { control_cluster stop --mode immediate > /dev/null; }

control_cluster() {
  (cd "$cluster_directory" && "${cluster_as[@]}" "$cluster_programs/pg_ctl" --pgdata "$cluster_directory/data" --silent --wait "$@")
}

# ask DATABASE_URL SQL: what the database answers, a row a line, fields between spaces.
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --field-separator ' ' "$1" --command "$2"; }
