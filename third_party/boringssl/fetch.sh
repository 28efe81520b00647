#!/bin/bash
# Prints the path of BoringSSL's source tarball, which it downloads once from the Debian archive that
# this machine already uses, as a source package, changing nothing of apt's own state.
#   fetch.sh PACKAGE VERSION TARBALL SHA256 CACHE_DIR
set -euo pipefail
package=$1 version=$2 tarball=$3 sha256=$4 cache=$5

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
matches() { echo "$sha256  $1" | sha256sum --check --status 2>/dev/null; }
if matches "$cache/$tarball"; then
  echo "$cache/$tarball"
  exit 0
fi

# The first archive that serves "main" of a Debian release, wherever its mirror is. A machine has its
# sources in one of the two forms, or in both.
archive() {
  {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
      awk '$1 == "deb" { sub(/\[[^]]*\] */, ""); print $2 }' || true
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
      awk '$1 == "URIs:" { for (i = 2; i <= NF; i++) print $i }' || true
  } | awk '/\/debian\/?$/ && !found { print; found = 1 }'
}
uri=$(archive)
if [[ -z $uri ]]; then
  echo "No Debian archive among apt's sources; put $tarball into $cache by hand." >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{parts,lists/partial,cache/archives/partial,source}
chmod -R a+rX "$work"
printf 'Types: deb-src\nURIs: %s\nSuites: bookworm\nComponents: main\nSigned-By: %s\n' \
  "$uri" /usr/share/keyrings/debian-archive-keyring.gpg > "$work/parts/debian.sources"
options=(-qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/parts"
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
  -o Acquire::Retries=3)
apt-get "${options[@]}" update >&2
(cd "$work/source" && apt-get "${options[@]}" source --download-only "$package=$version" >&2)

if ! matches "$work/source/$tarball"; then
  echo "$tarball is not the one that Keyward was built with (SHA-256 $sha256)." >&2
  exit 1
fi
mv "$work/source/$tarball" "$cache/$tarball.new"
mv "$cache/$tarball.new" "$cache/$tarball"
echo "$cache/$tarball"
