# keyward check [NAME…]: format, lint, rules, asan, tsan; or those named, defects (clang-tidy) too, which
# takes half an hour for all files, so it is run by name: before a release, and on what one changed.
# Each says what is wrong and where; the last line is the summary, and the exit code follows it.
set -uo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh
setup build check || exit 1
for part in format lint rules defects sanitizers; do source "deploy/local/check_$part.sh"; done

readonly DEFAULT_CHECKS=(format lint rules asan tsan)
readonly ALL_CHECKS=("${DEFAULT_CHECKS[@]}" defects)
wanted=("$@")
((${#wanted[@]})) || wanted=("${DEFAULT_CHECKS[@]}")
failed=()
for check in "${wanted[@]}"; do
  [[ " ${ALL_CHECKS[*]} " == *" $check "* ]] || die "no such check: $check (${ALL_CHECKS[*]})"
  say "check: $check"
  started=$SECONDS
  if "check_$check"; then
    note "$check: good ($((SECONDS - started)) s)"
  else
    note "$check: BAD ($((SECONDS - started)) s)"
    failed+=("$check")
  fi
done
if ((${#failed[@]})); then
  say "Failed: ${failed[*]}"
  exit 1
fi
say "All good: ${wanted[*]}"
