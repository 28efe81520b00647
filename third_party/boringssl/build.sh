#!/bin/bash
# Builds BoringSSL's libcrypto in FIPS mode, static, with hidden symbols.
#   build.sh TARBALL OUTPUT_ARCHIVE
set -euo pipefail
tarball=$PWD/$1 output=$PWD/$2

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
log=$work/build.log
step() { "$@" >>"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }

compiler=
for version in 14 17 19 16 15 18; do
  if command -v "clang++-$version" >/dev/null; then compiler=$version; break; fi
done
[[ -n $compiler ]] || { echo "No clang; ./keyward test installs what is missing." >&2; exit 1; }

mkdir "$work/source"
step tar -xJf "$tarball" -C "$work/source" --strip-components=2 --wildcards '*/src/*'
cd "$work/source"
# The tools that seal the module need no package from elsewhere, and its tests are not built.
sed -i '/^require/,/^)/d' go.mod
rm -f go.sum
mkdir -p third_party/googletest/src
: > third_party/googletest/src/gtest-all.cc

export HOME=$work GOCACHE=$work/go-cache GOPATH=$work/go GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local
export CC=clang-$compiler CXX=clang++-$compiler
flags="-fvisibility=hidden -ffile-prefix-map=$work/source=boringssl"
step cmake -GNinja -B "$work/build" -S . -DFIPS=1 -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_ASM_FLAGS="$flags"
step ninja -C "$work/build" crypto
cp "$work/build/crypto/libcrypto.a" "$output"
