# keyward down [--data-dir DIR]: stops the services; their state stays.
set -euo pipefail
source deploy/local/lib.sh
source deploy/local/services.sh
parse_place "$@"
((${#REST[@]} == 0)) || die "down does not know ${REST[0]}"
any_running || die "nothing of $DATA_DIR runs"
stop_all
say "Stopped; the state stays in $DATA_DIR"
