# SPDX-License-Identifier: ISC
"""What is in a picture: python3 svg.py FILE EXPRESSION..., each of which must be true.

runs: its runs, from the top; each has label, about, tracks (lanes), words, and tasks and attempts, which
have id, says, kind (cpu, mixed, wait or earlier), bad, x, y, width and height.
marks: the words of the axis. legend: those of the legend. words: all there are. text: the file as it stands. title, desc: for
those who cannot see it. size: the file's bytes.
"""
import sys
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


class Box:
    def __init__(self, rect):
        self.kind = rect.get("class")
        self.x, self.y, self.width, self.height = (float(rect.get(k)) for k in ("x", "y", "width", "height"))
        self.says = rect.findtext(SVG + "title")
        self.id = self.says.split(": ")[0]
        self.bad = False


class Run:
    def __init__(self, group):
        self.words = [text.text for text in group.iter(SVG + "text")]
        self.label = next((t.text for t in group.iter(SVG + "text") if t.get("class") == "label"), None)
        self.about = [text.text for text in group if text.get("class") == "soft"]
        self.tracks = len([r for r in group if r.get("class") == "track"])
        self.density = [p.get("class") for g in group.iter(SVG + "g") if g.get("class") == "density" for p in g]
        boxes = []
        for rect in group.iter(SVG + "rect"):
            if rect.get("class") == "bad":
                boxes[-1].bad = True
            elif rect.find(SVG + "title") is not None:
                boxes.append(Box(rect))
        self.tasks = [b for b in boxes if b.kind != "earlier"]
        self.attempts = [b for b in boxes if b.kind == "earlier"]


def structure(picture):
    """What does not depend on how long anything took."""
    return (
        picture["title"],
        [(r.label, r.tracks, r.about, sorted((t.id, t.bad) for t in r.tasks), len(r.attempts)) for r in picture["runs"]],
        picture["legend"],
    )


def load(path):
    text = open(path, encoding="utf-8").read()
    root = ET.fromstring(text)
    groups = {g.get("class"): g for g in root.iter(SVG + "g")}
    return {
        "runs": [Run(g) for g in root.iter(SVG + "g") if g.get("class") == "run"],
        "marks": [t.text for t in groups["axis"].iter(SVG + "text")],
        "legend": [t.text for t in groups["legend"].iter(SVG + "text")],
        "words": ["".join(t.itertext()) for t in root.iter(SVG + "text")],
        "tags": {e.tag.replace(SVG, "") for e in root.iter()},
        "title": root.findtext(SVG + "title"),
        "desc": root.findtext(SVG + "desc"),
        "text": text,
        "size": len(text),
    }


if __name__ == "__main__":
    picture = load(sys.argv[1])
    for expression in sys.argv[2:]:
        if not eval(expression, picture):
            print("not so in %s: %s" % (sys.argv[1], expression))
            print([(r.label, r.tracks, [vars(t) for t in r.tasks[:5]]) for r in picture["runs"]], picture["words"])
            sys.exit(1)
