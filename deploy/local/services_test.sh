#!/bin/bash
# What services.sh refuses to start, and whom it does not believe. Run by Bazel, from the repository's root.
set -euo pipefail
export HOME=$TEST_TMPDIR
source deploy/local/lib.sh
source deploy/local/services.sh
DATA_DIR=$TEST_TMPDIR/suite
mkdir -p "$DATA_DIR"/{run,log}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect_death WORDS COMMAND…: the command dies, and what it says has the words.
expect_death() {
  local words=$1 said
  shift
  if said=$("$@" 2>&1); then fail "$* did not die"; fi
  [[ $said == *"$words"* ]] || fail "$* said: $said"
}

# pretend_to_run SERVICE: a process of that name, as services.sh records it.
pretend_to_run() {
  (exec -a "/somewhere/$1" sleep 600) &
  echo $! >"$DATA_DIR/run/$1.pid"
  until _running "$1"; do :; done
}

listener=$TEST_TMPDIR/listener
rm -f "$listener"
python3 -c '
import signal, socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    s.listen()
    print(s.getsockname()[1], flush=True)
    signal.pause()' >"$listener" &
trap 'kill $(jobs -p) $(_pid_of key_vault) 2>/dev/null || true' EXIT
until [[ -s $listener ]]; do :; done
heard=$(<"$listener")

# A port that another process has is named, whichever of a service's three it is.
for offset in 0 1 2; do
  PORT_BASE=$((heard - 20 - offset))
  (
    _taken() { [[ $1 == "$heard" ]]; }
    expect_death "port $heard is taken" check_place
  )
done
_taken "$heard" || fail "nobody seems to listen at $heard"

# Ports of what runs already in this data directory are its own.
(
  _taken() { [[ $1 == $((PORT_BASE + 20)) ]]; }
  pretend_to_run key_vault
  check_place
)

# What runs at one port base is not started at another.
echo 7400 >"$DATA_DIR/run/port_base"
PORT_BASE=7500 expect_death "runs at port base 7400, not 7500" check_place

# Another suite's health at the port of a server that has died is not taken for its own.
kill "$(_pid_of key_vault)"
while _running key_vault; do :; done
: >"$DATA_DIR/log/key_vault.log"
(
  _healthy() { true; }
  expect_death "key_vault is not ready" await_service key_vault
)

# A stopped suite does not bind anyone to its port base.
PORT_BASE=7500
(
  _taken() { false; }
  check_place
)
echo passed
