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

fresh_data_dir() {
  if [[ -e $DATA_DIR/.keyward-demo ]]; then
    stop_all
    find "$DATA_DIR" -mindepth 1 -delete
  elif [[ -d $DATA_DIR && -n $(ls -A "$DATA_DIR") ]]; then
    die "$DATA_DIR holds something else than an earlier demo; name another with --data-dir"
  fi
  (umask 077 && mkdir -p "$DATA_DIR" && touch "$DATA_DIR/.keyward-demo")
}

setup build
say "Building the services and the demo"
build_targets "${KEYWARD_SERVICES[@]/#///services/}" //tests/mission:demo \
  //tests/mission:training_set.tmx
fresh_data_dir
say "Starting the services in $DATA_DIR"
[[ -n $KEEP ]] || trap stop_all EXIT
start_all
say "The story"
"$(built //tests/mission:demo)" --port_base="$PORT_BASE" --pki_dir="$DATA_DIR/pki" \
  --data_dir="$DATA_DIR" --training_set="$(built //tests/mission:training_set.tmx)"
if [[ -z $KEEP ]]; then
  say "The services stop now; to start them again with all that the story made:"
  note "./keyward up --data-dir $DATA_DIR --port-base $PORT_BASE"
fi
