"""Runs clang-tidy over our C++ sources, newest first, within a bound of time.

A file found clean is remembered with the content of everything of ours that it includes, so it is
looked at again only when that changes.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def sources():
    """Our .cc files, the most recently committed first, those not committed before all."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], capture_output=True, text=True,
                              check=True).stdout.splitlines()

    folders = ["common", "services", "tests"]
    tracked = set(git("ls-files", "--cached", "--others", "--exclude-standard", "--", *folders))
    changed = git("diff", "--name-only", "HEAD", "--", *folders)
    changed += git("ls-files", "--others", "--exclude-standard", "--", *folders)
    ordered = changed + git("log", "--format=", "--name-only", "--", *folders)
    wanted = [name for name in dict.fromkeys(ordered) if name in tracked]
    return [name for name in wanted if name.endswith(".cc") and os.path.exists(name)]


def digest(source, tidy):
    """A hash of a file, of what it includes of ours, of the rules and of the program's release."""
    seen, todo = {}, [source, ".clang-tidy"]
    while todo:
        name = todo.pop()
        if name in seen or not os.path.exists(name):
            continue
        text = pathlib.Path(name).read_text(encoding="utf-8")
        seen[name] = text
        todo += INCLUDE.findall(text)
    total = hashlib.sha256(tidy.encode())
    for name in sorted(seen):
        total.update(name.encode() + b"\0" + seen[name].encode() + b"\0")
    return total.hexdigest()


def include_flags(bin_dir, external):
    """-I for the generated headers and the repositories that have headers of their own."""
    roots = [bin_dir, f"{bin_dir}/external/googleapis"]
    roots += [str(path) for pattern in ("**/_virtual_includes/*", "**/_virtual_imports/*", "**/_grpc")
              for path in pathlib.Path(bin_dir).glob(pattern)]
    flags = [f"-I{root}" for root in roots]
    flags += [f"-isystem{external}/boringssl/include", f"-isystem{external}/soci/postgresql"]
    return flags


def main():
    """Returns the exit code: 0 if nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("tidy", "bin", "external", "cache"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    cache = pathlib.Path(options.cache)
    cache.mkdir(parents=True, exist_ok=True)
    flags = ["-std=c++20", "-I.", *include_flags(options.bin, options.external)]
    deadline = time.monotonic() + 60 * options.minutes

    def look(source):
        stamp = cache / digest(source, options.tidy)
        if stamp.exists():
            return source, "clean before", ""
        if time.monotonic() > deadline:
            return source, "not reached", ""
        done = subprocess.run([options.tidy, "--quiet", source, "--", *flags],
                              capture_output=True, text=True, check=False)
        if done.returncode == 0:
            stamp.touch()
            return source, "clean", ""
        return source, "bad", done.stdout + done.stderr

    files = options.files or sources()
    tally = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, outcome, text in pool.map(look, files):
            tally.setdefault(outcome, []).append(source)
            if text:
                text = "\n".join(line for line in text.splitlines() if not line.endswith("warnings generated."))
                print(text, flush=True)
    for outcome, names in tally.items():
        print(f"   clang-tidy: {len(names)} files {outcome}" +
              (f": {' '.join(names)}" if outcome in ("bad", "not reached") else ""))
    return 1 if "bad" in tally else 0


if __name__ == "__main__":
    sys.exit(main())
