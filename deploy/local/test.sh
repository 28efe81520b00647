# keyward test [TARGET…]: builds and runs every test, or those named; the last line is the count.
set -euo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh
source deploy/local/postgres.sh

targets=("$@")
((${#targets[@]})) || targets=(//...)
setup build test
export KEYWARD_GRPCURL=$KEYWARD_CACHE/bin/grpcurl KEYWARD_JOSE=$JOSE_FOLDER KEYWARD_TINK=$TINK_FOLDER
say "Starting a private PostgreSQL"
start_postgres
say "Building and running the tests"
events=$(mktemp)
status=0
run_bazel test --keep_going --build_event_json_file="$events" "${targets[@]}" || status=$?
# 3: some test failed; 4: there is none. Both are the count's to tell.
((status == 0 || status == 1 || status == 3 || status == 4)) || die "bazel ended with $status"
count=0
python3 deploy/local/count_tests.py "$events" "$status" || count=$?
rm -f "$events"
exit "$count"
