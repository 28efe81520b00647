# check_format: clang-format would change nothing in our sources. Sourced by check.sh.

_our_sources() {
  git ls-files --cached --others --exclude-standard -- 'common/*' 'services/*' 'tests/*' |
    grep -E "\.($1)$" | while read -r file; do [[ ! -e $file ]] || echo "$file"; done
}

check_format() {
  # Releases of clang-format differ in small ways; the one of Debian 12 is ours.
  if ! command -v clang-format-14 >/dev/null; then
    note "skipped: our formatting is clang-format-14's, which this release of Debian lacks"
    return
  fi
  _our_sources 'h|cc' | xargs -r clang-format-14 --dry-run --Werror
}
