# check_asan, check_tsan: the unit tests under sanitizers. Sourced by check.sh.

# Each configuration has an output base of its own, so that switching rebuilds nothing.
_sanitize() {
  local config=$1 status=0
  shift
  local base
  base=$KEYWARD_CACHE/output/$config-$(pwd | sha256sum | cut -c1-8)
  bazel --output_base="$base" test --curses=no --show_progress_rate_limit=20 --config="$config" \
    --keep_going --test_tag_filters=-no-sanitizer --build_tests_only "$@" || status=$?
  bazel --output_base="$base" shutdown
  return "$status"
}

# The unit tests that need no gRPC: its library is not instrumented, so races through it cannot be
# seen, and building the rest once more would double the time of a check.
_unit_tests() {
  local ours='//common/... + //services/...'
  bazel query --noshow_progress --ui_event_filters=-info \
    "tests($ours) except rdeps($ours, '@grpc//:grpc++')"
}

# Addresses, leaks and undefined behaviour together.
check_asan() {
  local tests
  tests=$(_unit_tests) || return 1
  # shellcheck disable=SC2086  # labels have no spaces
  _sanitize asan --config=ubsan $tests
}

# Races.
check_tsan() {
  local tests
  tests=$(_unit_tests) || return 1
  # shellcheck disable=SC2086  # labels have no spaces
  _sanitize tsan $tests
}
