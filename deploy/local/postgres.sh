# A private PostgreSQL for the tests, as an unprivileged user, on a Unix socket alone.
# Sourced after lib.sh. start_postgres exports KEYWARD_TEST_POSTGRES_URL, and ends it all at EXIT.

# The path is the same at every run, so that results of tests that were given it can be reused.
POSTGRES_DIR=/tmp/keyward-postgres-$EUID-$(pwd | sha256sum | cut -c1-8)

# PostgreSQL refuses to run as root, and complains of a working directory that its user may not enter.
_as_postgres() {
  if ((EUID == 0)); then (cd / && exec runuser -u postgres -- "$@"); else "$@"; fi
}

start_postgres() {
  POSTGRES_USER=$(if ((EUID == 0)); then echo postgres; else id -un; fi)
  POSTGRES_BIN=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [[ -n $POSTGRES_BIN ]] || die "no PostgreSQL under /usr/lib/postgresql"
  # Held until the script ends; no process that outlives it may inherit it (8>&-).
  exec 8>"$KEYWARD_CACHE/$(basename "$POSTGRES_DIR").lock"
  flock -n 8 || die "another run of the tests uses $POSTGRES_DIR"
  stop_postgres
  trap stop_postgres EXIT
  mkdir -m 0700 "$POSTGRES_DIR"
  chown "$POSTGRES_USER" "$POSTGRES_DIR"
  logged "$KEYWARD_CACHE/log/initdb.log" _as_postgres "$POSTGRES_BIN/initdb" -D "$POSTGRES_DIR/data" \
    -U keyward --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
  # No fsync: these databases live no longer than the tests.
  _as_postgres "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DIR/data" -l "$POSTGRES_DIR/log" -w -s 8>&- \
    -o "-c listen_addresses='' -c unix_socket_directories='$POSTGRES_DIR' -c fsync=off -c max_connections=500" \
    start || { cat "$POSTGRES_DIR/log" >&2; die "PostgreSQL did not start"; }
  _as_postgres "$POSTGRES_BIN/createdb" -h "$POSTGRES_DIR" -U keyward keyward
  export KEYWARD_TEST_POSTGRES_URL="postgresql://keyward@/keyward?host=$POSTGRES_DIR"
}

# Also ends a server that an earlier run left behind when it was killed.
stop_postgres() {
  [[ -d $POSTGRES_DIR ]] || return 0
  [[ ! -L $POSTGRES_DIR && $(stat -c %U "$POSTGRES_DIR") == "$POSTGRES_USER" ]] ||
    die "$POSTGRES_DIR is not ours"
  if [[ -f $POSTGRES_DIR/data/postmaster.pid ]]; then
    _as_postgres "$POSTGRES_BIN/pg_ctl" -D "$POSTGRES_DIR/data" -m immediate -s -w stop || true
  fi
  rm -rf "$POSTGRES_DIR"
}
