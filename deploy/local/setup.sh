# Installs what is missing. Sourced after lib.sh: setup SECTION…, where a section is one of packages.txt.
readonly GRPCURL_VERSION=v1.8.7
readonly BUF_VERSION=v1.15.1
readonly JOSE_VERSION=5.9.6 # runs on Node 18, Debian 12's
readonly JOSE_SHA256=dc84a284af1a554208bdb1ef8c41cfa0652538078051bce712d196cfac4fa2c2
export PATH="$KEYWARD_CACHE/bin:$PATH"

# The names in the given sections of packages.txt, one a line, alternatives unresolved.
_wanted() {
  awk -v sections=" $* " '
    /^\[/ { gsub(/[][]/, ""); on = index(sections, " " $1 " "); next }
    /^[a-z]/ && on { print $1 }' deploy/local/packages.txt
}

_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# The first of the alternatives that is installed, or else that the release has.
_resolve() {
  local alternative
  for alternative in ${1//|/ }; do
    if _installed "$alternative"; then return; fi
  done
  for alternative in ${1//|/ }; do
    if apt-cache show "$alternative" >/dev/null 2>&1; then
      echo "$alternative"
      return
    fi
  done
  die "this release of Debian has none of: $1"
}

_install_packages() {
  local stamp want missing=()
  stamp=$KEYWARD_CACHE/packages-$( (_wanted "$@"; cat /etc/debian_version) | sha256sum | cut -c1-16)
  if [[ -e $stamp && $stamp -nt /var/lib/dpkg/status ]]; then return; fi
  for want in $(_wanted "$@"); do
    local found=
    for alternative in ${want//|/ }; do
      if _installed "$alternative"; then found=1; fi
    done
    [[ -n $found ]] || missing+=("$want")
  done
  if ((${#missing[@]})); then
    say "Installing ${#missing[@]} Debian packages and what they need"
    export DEBIAN_FRONTEND=noninteractive
    logged "$KEYWARD_CACHE/log/apt-update.log" as_root apt-get update -q
    local names=()
    for want in "${missing[@]}"; do names+=($(_resolve "$want")); done
    note "${names[*]}"
    # RUNLEVEL=1 keeps a package's daemon from starting: nothing here uses a system-wide one.
    logged "$KEYWARD_CACHE/log/apt-install.log" as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold \
      -o Dpkg::Use-Pty=0 "${names[@]}"
  fi
  touch "$stamp"
}

# go_tool NAME MODULE VERSION: a Go program, built once.
_go_tool() {
  local stamp="$KEYWARD_CACHE/bin/.$1-$3"
  if [[ -e $stamp && -x $KEYWARD_CACHE/bin/$1 ]]; then return; fi
  say "Building $1 $3 (a minute or two)"
  local go=/usr/bin/go
  [[ -x $go ]] || go=go
  GOBIN="$KEYWARD_CACHE/bin" logged "$KEYWARD_CACHE/log/$1.log" "$go" install "$2@$3"
  touch "$stamp"
}

# Fetches the npm package jose, which has no dependencies; says so if it cannot be had. Where it lies is
# JOSE_FOLDER.
JOSE_FOLDER=$KEYWARD_CACHE/jose-$JOSE_VERSION
_jose() {
  mkdir -p "$KEYWARD_CACHE/log"
  if [[ -e $JOSE_FOLDER/package.json ]]; then return; fi
  say "Fetching the npm package jose $JOSE_VERSION"
  if ! command -v npm >/dev/null; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends npm \
      >"$KEYWARD_CACHE/log/npm-install.log" 2>&1 || true
  fi
  local work
  work=$(mktemp -d)
  if (cd "$work" && npm pack "jose@$JOSE_VERSION") >"$KEYWARD_CACHE/log/jose.log" 2>&1 &&
    echo "$JOSE_SHA256  $work/jose-$JOSE_VERSION.tgz" | sha256sum --check --quiet &&
    tar -xzf "$work/jose-$JOSE_VERSION.tgz" -C "$work"; then
    mv "$work/package" "$JOSE_FOLDER"
  else
    note "it cannot be had (log: $KEYWARD_CACHE/log/jose.log); tests against it are skipped"
  fi
  rm -rf "$work"
}

# Fetches Tink for Python; says so if it cannot be had. Where it lies is TINK_FOLDER.
TINK_FOLDER=$KEYWARD_CACHE/tink-$(sha256sum deploy/local/tink.txt | cut -c1-16)
_tink() {
  mkdir -p "$KEYWARD_CACHE/log"
  if [[ -e $TINK_FOLDER/tink ]]; then return; fi
  say "Fetching Tink for Python"
  local work
  work=$(mktemp -d -p "$KEYWARD_CACHE")
  # Bazel runs tests with Debian's Python, whatever else is on the PATH here.
  if /usr/bin/python3 -m pip install --quiet --target "$work" --no-deps --no-compile \
    --only-binary=:all: --require-hashes -r deploy/local/tink.txt >"$KEYWARD_CACHE/log/tink.log" 2>&1; then
    mv -T "$work" "$TINK_FOLDER"
    chmod 755 "$TINK_FOLDER"
  else
    note "it cannot be had (log: $KEYWARD_CACHE/log/tink.log); the test against it is skipped"
    rm -rf "$work"
  fi
}

setup() {
  command -v apt-get >/dev/null || die "needs Debian 12 or 13 (no apt-get here)"
  _install_packages "$@"
  _go_tool grpcurl github.com/fullstorydev/grpcurl/cmd/grpcurl "$GRPCURL_VERSION"
  if [[ " $* " == *" test "* ]]; then
    _jose
    _tink
  fi
  if [[ " $* " == *" check "* ]]; then
    _go_tool buf github.com/bufbuild/buf/cmd/buf "$BUF_VERSION"
  fi
}
