# check_rules: house rules that a search can see. Sourced by check.sh.

# _absent WHY PATTERN [PATHSPEC…]: fails, and shows where, if a tracked file matches.
_absent() {
  local why=$1 pattern=$2 found
  shift 2
  found=$(git grep -nIE "$pattern" -- "$@" ':!deploy/local/check_rules.sh') || return 0
  printf '%s:\n%s\n' "$why" "$found"
  return 1
}

check_rules() {
  local bad=0 code=('*.cc' '*.h') ours=('common/*' 'services/*')
  _absent "Plaintext gRPC" 'Insecure(Server|Channel)Credentials' 'services/*.cc' 'services/*.h' || bad=1
  _absent "A conflict left in" '^(<<<<<<<|>>>>>>>) ' . || bad=1
  _absent "Unfinished" '\b(TODO|FIXME|XXX|HACK)\b' . || bad=1
  _absent "A check switched off" 'NOLINT|clang-format off|DISABLED_' "${code[@]}" || bad=1
  _absent "A sleep instead of a condition" '\b(sleep_for|SleepFor|usleep|nanosleep)\b' \
    '*_test.cc' 'tests/*' || bad=1
  # SOCI's are its own language; common/storage speaks it and hands on a Status.
  _absent "An exception" '^\s*throw\b' "${ours[@]}" ':!common/storage/*' || bad=1
  _absent "BoringSSL outside common/crypto" '#include <openssl/' 'services/*' 'tests/*' \
    'common/*' ':!common/crypto/*' || bad=1
  _absent "gRPC below an adapter" '#include <grpcpp/' 'services/*_handler.*' 'services/*_store.*' || bad=1
  _absent "A package registry named" \
    '(registry\.npmjs|proxy\.golang|pypi\.(org|io)|crates\.io|repo1?\.maven|deb\.debian)' . || bad=1
  _large_files || bad=1
  return "$bad"
}

_large_files() {
  local large
  large=$(git ls-files -z | xargs -0 -r stat -c '%s %n' 2>/dev/null | awk '$1 > 200000')
  [[ -z $large ]] || {
    printf 'Large files:\n%s\n' "$large"
    return 1
  }
}
