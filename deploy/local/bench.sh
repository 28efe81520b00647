# keyward bench [NAME…] [--json]: figures, each beside its limit, measured in the same run.
#
# Every program in //tests/bench, or those named, built for speed and run one after the other. Each
# prints one JSON object a line: name, value, unit, limit, ratio.
set -euo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh

json= names=()
for argument in "$@"; do
  case $argument in
    --json) json=1 ;;
    -*) die "bench does not know $argument" ;;
    *) names+=("$argument") ;;
  esac
done

setup build >&2
mapfile -t known < <(bazel query --noshow_progress --ui_event_filters=-info \
  'kind(cc_binary, //tests/bench/...)' 2>/dev/null | sort)
targets=()
for name in "${names[@]}"; do
  [[ " ${known[*]} " == *" //tests/bench:$name "* ]] ||
    die "no such figure: $name (known: ${known[*]#//tests/bench:})"
  targets+=("//tests/bench:$name")
done
((${#targets[@]})) || targets=("${known[@]}")
((${#targets[@]})) || die "there is nothing to measure in //tests/bench"

say "Building for speed: ${targets[*]#//tests/bench:}" >&2
build_targets --config=release "${targets[@]}"
KEYWARD_BIN=$(bazel info --config=release bazel-bin 2>/dev/null)
measure() {
  local target
  for target in "${targets[@]}"; do
    # Where a figure that starts servers finds them.
    TEST_SRCDIR=$(built "$target").runfiles "$(built "$target")"
  done
}
if [[ -n $json ]]; then
  measure
else
  measure | jq -r '[.name, .value, .unit, .limit, .ratio] | @tsv' |
    awk -F '\t' 'BEGIN { printf "%-44s %14s %-8s %14s %7s\n", "figure", "value", "unit", "limit", "ratio" }
      { printf "%-44s %14s %-8s %14s %7s\n", $1, $2, $3, $4, $5; fflush() }'
fi
