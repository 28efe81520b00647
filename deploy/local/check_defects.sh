# check_defects: clang-tidy finds nothing in our sources. Sourced by check.sh.
#
# A file is looked at again only if it, or anything of ours that it includes, has changed since it was
# found clean. KEYWARD_TIDY_MINUTES bounds a run; the most recently changed come first, and what was
# not reached is said.

check_defects() {
  local tidy
  tidy=$(command -v clang-tidy-14 || command -v clang-tidy-19) || die "no clang-tidy"
  # The generated headers.
  run_bazel build --ui_event_filters=-info \
    //protos/... @googleapis//:all @boringssl//:all || return 1
  python3 deploy/local/tidy.py --tidy "$tidy" --minutes "${KEYWARD_TIDY_MINUTES:-5}" \
    --bin "$(bazel info bazel-bin 2>/dev/null)" \
    --external "$(bazel info output_base 2>/dev/null)/external" \
    --cache "$KEYWARD_CACHE/tidy"
}
