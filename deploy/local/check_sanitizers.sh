# check_asan, check_tsan: the unit tests under sanitizers. Sourced by check.sh.

# Each configuration has an output base of its own, so that switching rebuilds nothing.
_sanitize() {
  local config=$1 status=0
  shift
  local base
  base=$KEYWARD_CACHE/output/$config-$(pwd | sha256sum | cut -c1-8)
  # Of the tests that cross services only those that start in-process servers make sense here.
  bazel --output_base="$base" test --curses=no --show_progress_rate_limit=20 --config="$config" \
    --keep_going --test_tag_filters=-no-sanitizer --build_tests_only "$@" || status=$?
  bazel --output_base="$base" shutdown
  return "$status"
}

# Addresses, leaks and undefined behaviour together, in everything.
check_asan() { _sanitize asan --config=ubsan //common/... //services/...; }

# Races, where all the code that synchronises is instrumented: tests without gRPC, whose library is not.
check_tsan() {
  local tests ours='//common/... + //services/...'
  tests=$(bazel query --noshow_progress --ui_event_filters=-info \
    "tests($ours) except rdeps($ours, '@grpc//:grpc++')") || return 1
  # shellcheck disable=SC2086  # labels have no spaces
  _sanitize tsan $tests
}
