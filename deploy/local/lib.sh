# Shared by the scripts beside it; they source it from the repository's root.
readonly KEYWARD_CACHE="${HOME:-/root}/.cache/keyward"
readonly KEYWARD_DATA="${XDG_STATE_HOME:-${HOME:-/root}/.local/state}/keyward"
readonly KEYWARD_PORT_BASE=7400
readonly KEYWARD_TRUST_DOMAIN=keyward.local
readonly KEYWARD_SERVICES=(managed_identity key_vault encryption model_deployment)
mkdir -p "$KEYWARD_CACHE"

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
  printf 'keyward: %s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a log file; prints the log's end if the command fails.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "failed: $* (log: $log)"
  fi
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root for: $*"
  fi
}

# The offset of a service's gRPC port from the port base; metrics are at +1, health at +2.
port_offset() {
  case $1 in
    managed_identity) echo 10 ;;
    key_vault) echo 20 ;;
    encryption) echo 30 ;;
    model_deployment) echo 40 ;;
    *) die "no such service: $1" ;;
  esac
}

# The ports of a service, as offsets from that; managed_identity's HTTPS port is at +3.
port_offsets() {
  echo 0 1 2
  [[ $1 != managed_identity ]] || echo 3
}

# Reads --data-dir and --port-base into DATA_DIR and PORT_BASE, the rest into REST.
parse_place() {
  DATA_DIR=$KEYWARD_DATA PORT_BASE=$KEYWARD_PORT_BASE REST=()
  while (($#)); do
    case $1 in
      --data-dir=*) DATA_DIR=${1#*=} ;;
      --port-base=*) PORT_BASE=${1#*=} ;;
      --data-dir | --port-base)
        (($# > 1)) || die "$1 wants a value"
        if [[ $1 == --data-dir ]]; then DATA_DIR=$2; else PORT_BASE=$2; fi
        shift
        ;;
      *) REST+=("$1") ;;
    esac
    shift
  done
  DATA_DIR=$(cd "${KEYWARD_CALLED_FROM:-.}" && realpath -m "$DATA_DIR")
  if [[ ! $PORT_BASE =~ ^[0-9]{4,5}$ ]] || ((PORT_BASE < 1024 || PORT_BASE > 65000)); then
    die "--port-base wants a number from 1024 to 65000, not '$PORT_BASE'"
  fi
}

# Bazel with a changing line of progress on a terminal, and a line now and then elsewhere.
run_bazel() {
  local command=$1
  shift
  local progress=(--curses=auto)
  [[ -t 2 ]] || progress=(--curses=no --show_progress_rate_limit=20)
  bazel "$command" "${progress[@]}" "$@" 8>&-
}

# The path of a built file of a target such as //services/key_vault:key_vault.
built() {
  local label=${1#//}
  echo "$KEYWARD_BIN/${label/://}"
}

build_targets() {
  run_bazel build "$@"
  KEYWARD_BIN=$(bazel info bazel-bin 2>/dev/null)
}
