# keyward demo [--data-dir DIR] [--port-base PORT] [--keep]: the whole story, on real input.
# Starts from nothing: a data directory that an earlier demo made is emptied first. --keep leaves the
# services running.
set -euo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh
source deploy/local/services.sh
KEYWARD_DATA_DEFAULT=$KEYWARD_DATA-demo
parse_place --data-dir "$KEYWARD_DATA_DEFAULT" "$@"
KEEP=
for argument in "${REST[@]}"; do
  [[ $argument == --keep ]] || die "demo does not know $argument"
  KEEP=1
done

# Dies unless the data directory is new, empty or an earlier demo's.
check_data_dir() {
  [[ ! -e $DATA_DIR/.keyward-demo && -d $DATA_DIR && -n $(ls -A "$DATA_DIR") ]] || return 0
  die "$DATA_DIR holds something else than an earlier demo; name another with --data-dir"
}

fresh_data_dir() {
  check_data_dir
  if [[ -e $DATA_DIR/.keyward-demo ]]; then
    note "$DATA_DIR is an earlier demo's; it is emptied"
    stop_all
    find "$DATA_DIR" -mindepth 1 -delete
  fi
  (umask 077 && mkdir -p "$DATA_DIR" && touch "$DATA_DIR/.keyward-demo")
}

# What cannot work is better told before the build than after it.
check_data_dir
any_running || check_place
setup build
say "Building the services and the demo"
build_targets "${KEYWARD_SERVICES[@]/#///services/}" //tests/mission:demo \
  //tests/mission:training_set.tmx
say "Starting the services in $DATA_DIR"
fresh_data_dir
[[ -n $KEEP ]] || trap stop_all EXIT
start_all
say "The story"
"$(built //tests/mission:demo)" --port_base="$PORT_BASE" --pki_dir="$DATA_DIR/pki" \
  --data_dir="$DATA_DIR" --training_set="$(built //tests/mission:training_set.tmx)"
if [[ -z $KEEP ]]; then
  say "The services stop now (--keep would leave them running). To look around, start them again with all"
  note "that the story made, and then call them as above:"
  note "./keyward up --data-dir $DATA_DIR --port-base $PORT_BASE"
else
  say "The services go on running; ./keyward down --data-dir $DATA_DIR stops them"
fi
