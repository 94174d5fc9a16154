"""A report as one line a kernel, an entry and a launch, without what differs
from release to release and from machine to machine: versions, and what ptxas
says where there is one.

usage: report_figures.py FILE.json|FILE.html
"""

import html.parser
import json
import sys


class Page(html.parser.HTMLParser):
    """Finds the data of a page, and what is wrong with it."""

    VOID = {"meta", "link", "br", "hr", "img", "input"}

    def __init__(self):
        super().__init__()
        self.open, self.scripts, self.problems = [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        source = attributes.get("src") or attributes.get("href") or "data:"
        if not source.startswith("data:"):
            self.problems.append(f"loads {source}")
        if tag not in self.VOID:
            self.open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} closes another tag")

    def handle_data(self, data):
        if self.open and self.open[-1] == ("script", "report-data"):
            self.scripts.append(data)
        if "://" in data.replace("http://www.w3.org/2000/svg", "") or "@import" in data:
            self.problems.append("names an address to load")


def read(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".json"):
        return json.loads(text)
    page = Page()
    page.feed(text)
    page.close()
    if page.open or len(page.scripts) != 1:
        page.problems.append(f"left open: {page.open}, {len(page.scripts)} data")
    if page.problems:
        sys.exit("\n".join(page.problems))
    return json.loads(page.scripts[0])


def main():
    report = read(sys.argv[1])
    assert report["producer"].startswith("ssmc "), report["producer"]
    print("format", report["format"], "source", report["source"])
    for target in report["targets"]:
        print("target", *target.values())
    for kernel in report["kernels"]:
        kernel.pop("resources", None)
        print("kernel", json.dumps(kernel))
    for entry in report["entries"]:
        print("entry", entry["name"], json.dumps(entry["dims"]))
        tensors = entry["tensors"]
        for tensor in tensors:
            print("  tensor", *tensor.values())
        for launch in entry["launches"]:
            print("  launch", report["kernels"][launch.pop("kernel")]["name"])
            for key in ("reads", "writes"):
                names = [tensors[index]["name"] for index in launch.pop(key)]
                print(f"    {key}", ", ".join(names))
            for op in launch.pop("ops"):
                print("    op", op["name"], op["location"], op["steps"], op["of_steps"])
            print("    alternatives", launch.pop("alternatives", []))
            for key, value in launch.items():
                print(f"    {key}", json.dumps(value))
        print("  totals", json.dumps(entry["totals"]))


main()
