"""Counts test cases in what Bazel reported; the last line printed is `N passed, N failed[, N skipped]`.

usage: count_tests.py BUILD_EVENTS_JSON BAZEL_EXIT_CODE
"""

import collections
import json
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

Counts = collections.namedtuple("Counts", "passed failed skipped")


def read_events(path):
    """Yields (label, status, path of test.xml or None) of the last attempt of each shard and run."""
    last = {}
    unbuilt = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            identity = event["id"]
            if "testResult" in identity and "testResult" in event:
                key = identity["testResult"]
                result = event["testResult"]
                xml = None
                for output in result.get("testActionOutput", []):
                    if output["name"] == "test.xml":
                        xml = urllib.request.url2pathname(urllib.parse.urlparse(output["uri"]).path)
                place = (key["label"], key.get("run"), key.get("shard"))
                last[place] = (key["label"], result["status"], xml)
            elif "targetCompleted" in identity and not event.get("completed", {}).get("success"):
                unbuilt.add(identity["targetCompleted"]["label"])
    yield from last.values()
    for label in sorted(unbuilt - {label for label, _, _ in last.values()}):
        yield label, "FAILED_TO_BUILD", None


def count(label, status, xml):
    """Counts the cases of one test.xml, and prints why any was skipped or failed."""
    passed, failed, skipped = 0, 0, 0
    try:
        cases = list(ElementTree.parse(xml).getroot().iter("testcase")) if xml else []
    except (OSError, ElementTree.ParseError):
        cases = []
    for case in cases:
        name = f"{label} {case.get('classname', '')}.{case.get('name', '')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"FAILED  {name}")
        elif skip is not None or case.get("result") in ("skipped", "suppressed"):
            skipped += 1
            reason = skip.get("message") if skip is not None else None
            print(f"SKIPPED {name}: {' '.join((reason or 'disabled').split())}")
        else:
            passed += 1
    if status not in ("PASSED", "FLAKY") and not failed:
        failed += 1
        print(f"FAILED  {label} ({status})")
    return Counts(passed, failed, skipped)


def main():
    """Returns the exit code: 0 only if some test ran and none failed."""
    total = [Counts(0, 0, 0)] + [count(*event) for event in read_events(sys.argv[1])]
    passed, failed, skipped = (sum(column) for column in zip(*total))
    if sys.argv[2] == "1" and not failed:
        failed += 1
        print("FAILED  the build itself (see above)")
    if not passed + failed:
        print("No test ran.")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
