# keyward check [NAME…]: format, lint, rules, defects, asan, tsan; all of them unless some are named.
# Each says what is wrong and where; the last line is the summary, and the exit code follows it.
set -uo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh
setup build check || exit 1
for part in format lint rules defects sanitizers; do source "deploy/local/check_$part.sh"; done

readonly ALL_CHECKS=(format lint rules asan tsan defects)
wanted=("$@")
((${#wanted[@]})) || wanted=("${ALL_CHECKS[@]}")
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
