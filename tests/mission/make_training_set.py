#!/usr/bin/env python3
"""Makes the English-Spanish training set (TMX 1.4) from message catalogues that Debian ships.

The catalogues are those of the packages below, in that order, until there are enough pairs: read
where they are installed, otherwise (also where dpkg leaves locales out) from the package itself,
fetched with apt-get. The same versions of the packages give the same file. Nothing but Python's
standard library, apt-get and dpkg-deb is needed.

    make_training_set.py OUTPUT.tmx [--pairs N]

prints what was read, kept and dropped, and fails if fewer than 10,000 distinct pairs remain.
"""

import argparse
import glob
import io
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
from xml.sax.saxutils import escape

# In the order in which they are used. Most are installed on every machine that builds.
PACKAGES = [
    "iso-codes", "coreutils", "dpkg", "libdpkg-perl", "apt", "bash", "tar", "make", "gettext",
    "findutils", "diffutils", "grep", "sed", "gnupg-l10n", "libc-l10n", "binutils-common",
    "xz-utils", "wget", "git",
]
CATALOGUE = re.compile(r"usr/share/locale/es/LC_MESSAGES/[^/]+\.mo$")
LEAST = 10_000
LONGEST = 300


def installed_catalogues(package):
    """The bytes of the package's Spanish catalogues by name, or None if they are not on the disk."""
    listing = subprocess.run(["dpkg-query", "--listfiles", package], capture_output=True, text=True)
    paths = sorted(p for p in listing.stdout.splitlines() if CATALOGUE.search(p))
    if listing.returncode != 0 or not all(os.path.exists(p) for p in paths):
        return None
    catalogues = {}
    for path in paths:
        if not os.path.islink(path):
            with open(path, "rb") as file:
                catalogues[os.path.basename(path)] = file.read()
    return catalogues


def fetched_catalogues(package):
    """The same from the package's archive; None if apt-get has no such package."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        fetch = subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package],
                               cwd=folder, capture_output=True)
        archives = glob.glob(os.path.join(folder, "*.deb"))
        if fetch.returncode != 0 or not archives:
            return None
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", archives[0]], capture_output=True,
                               check=True).stdout
    catalogues = {}
    with tarfile.open(fileobj=io.BytesIO(files)) as tar:
        for member in tar:
            if member.isfile() and CATALOGUE.search(member.name):
                catalogues[os.path.basename(member.name)] = tar.extractfile(member).read()
    return catalogues


def messages(catalogue):
    """The messages of a compiled catalogue (GNU .mo) and their translations, as bytes."""
    order = "<" if catalogue[:4] == b"\xde\x12\x04\x95" else ">"
    count, originals, translations = struct.unpack(order + "3I", catalogue[8:20])
    for i in range(count):
        pair = []
        for table in (originals, translations):
            size, at = struct.unpack_from(order + "2I", catalogue, table + 8 * i)
            pair.append(catalogue[at:at + size])
        yield pair[0], pair[1]


def charset_of(catalogue):
    for source, target in messages(catalogue):
        if source == b"":
            found = re.search(rb"charset=([\w.-]+)", target)
            return found.group(1).decode() if found else "utf-8"
    return "utf-8"


def readable(source, target):
    """Whether a pair is a sentence or a term: one line, words in it, not a list of options."""
    for text in (source, target):
        if not text or len(text) > LONGEST or text != text.strip() or not text.isprintable():
            return False
    if source == target or source.startswith("-"):
        return False
    return re.search(r"[A-Za-z]{2}", source) is not None


def pairs_of(catalogue, counts):
    charset = charset_of(catalogue)
    for source, target in messages(catalogue):
        if source == b"":
            continue
        counts["read"] += 1
        # A context stands before \x04, plural forms behind \0.
        source = source.split(b"\x04")[-1].split(b"\0")[0]
        target = target.split(b"\0")[0]
        try:
            pair = source.decode(charset), target.decode(charset)
        except (UnicodeDecodeError, LookupError):
            pair = "", ""
        if readable(*pair):
            yield pair
        else:
            counts["dropped"] += 1


def write_tmx(path, pairs):
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
                  '<header creationtool="make_training_set" creationtoolversion="1" '
                  'segtype="sentence" o-tmf="mo" adminlang="en" srclang="en" '
                  'datatype="plaintext"/>\n<body>\n')
        for source, target in sorted(pairs.items()):
            out.write(f'<tu><tuv xml:lang="en"><seg>{escape(source)}</seg></tuv>'
                      f'<tuv xml:lang="es"><seg>{escape(target)}</seg></tuv></tu>\n')
        out.write("</body>\n</tmx>\n")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--pairs", type=int, default=12_000, help="stop when there are so many")
    arguments = parser.parse_args()
    pairs = {}
    counts = {"read": 0, "dropped": 0}
    for package in PACKAGES:
        if len(pairs) >= arguments.pairs:
            break
        where = "installed"
        catalogues = installed_catalogues(package)
        if catalogues is None:
            where = "fetched"
            catalogues = fetched_catalogues(package)
        if catalogues is None:
            print(f"{package}: not to be had, left out")
            continue
        before = len(pairs)
        for name in sorted(catalogues):
            for source, target in pairs_of(catalogues[name], counts):
                # The first translation of a message stays.
                pairs.setdefault(source, target)
        print(f"{package}: {where}, {len(catalogues)} catalogues, {len(pairs) - before} new pairs")
    write_tmx(arguments.output, pairs)
    print(f"{counts['read']} messages read, {counts['dropped']} dropped, "
          f"{len(pairs)} distinct pairs in {arguments.output}")
    if len(pairs) < LEAST:
        sys.exit(f"fewer than {LEAST} pairs; is the package mirror reachable?")


if __name__ == "__main__":
    main()
