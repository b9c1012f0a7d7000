"""annotations: a bundle's annotations as others read them: pyld, libxml2, FFmpeg, Python's csv; and by their formats' rules.
SPDX-License-Identifier: GPL-3.0-or-later"""
import collections
import csv
import html
import io
import json
import re
import subprocess
import xml.etree.ElementTree

from pyld import jsonld

import harness

DATA = harness.SOURCE / "tests" / "export" / "data"
W3C = "http://www.w3.org/ns/anno.jsonld"
NAMESPACE = "https://casement.example/ns/1#"
TERMS = json.loads((DATA / "anno.ctx.json").read_text())["@context"]


# --- linked data ---

def load_offline(url, _options):
    assert url == W3C, f"asks for {url}"
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": TERMS}, "contentType": "application/ld+json"}


def iri(term):
    """What a term stands for, by the contexts; None for none."""
    if term.startswith("casement:"):
        return NAMESPACE + term.removeprefix("casement:")
    value = TERMS.get(term)
    value = value["@id"] if isinstance(value, dict) else value
    if value is None or value.startswith("@"):
        return value
    prefix, name = value.split(":", 1)
    return TERMS[prefix] + name


def count_terms(node, counts):
    """Every key of every node, by IRI."""
    if isinstance(node, list):
        for item in node:
            count_terms(item, counts)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "@context":
                continue
            assert iri(key) is not None, f"{key} is in no context"
            counts[iri(key)] += 1
            count_terms(value, counts)


def count_expanded(node, counts):
    if isinstance(node, list):
        for item in node:
            count_expanded(item, counts)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "@list":
                count_expanded(value, counts)
            elif key != "@value" and not (key == "@type" and "@value" in node):
                counts[key] += 1
                count_expanded(value, counts)


def expand(page):
    """The page as linked data; fails when a term is dropped on the way."""
    written, kept = collections.Counter(), collections.Counter()
    expanded = jsonld.expand(page, {"documentLoader": load_offline})
    count_terms(page, written)
    count_expanded(expanded, kept)
    # Strings that stand for IRIs become nodes with nothing but an id.
    assert kept.pop("@id") >= written.pop("@id")
    assert written == kept, f"dropped: {written - kept}; new: {kept - written}"
    check_iris(expanded)
    return expanded


def check_iris(node):
    """Every id and type is a whole IRI, or a file of the bundle: a word that no context knows would be neither."""
    if isinstance(node, list):
        for item in node:
            check_iris(item)
    elif isinstance(node, dict):
        for value in listed(node.get("@type", [])) + listed(node.get("@id", [])):
            assert re.match(r"[a-z]+:|(exhibits|stills|clips)/[A-Za-z0-9._-]+$", value), f"{value} is no IRI"
        for value in node.values():
            check_iris(value)


def listed(value):
    return value if isinstance(value, list) else [value]


def read_web(path):
    """Marks by id, as values to compare: what annotations.jsonld says of each."""
    page = json.loads(path.read_text())
    assert page["@context"][0] == W3C and page["type"] == "AnnotationPage"
    assert page["partOf"]["total"] == len(page["items"])
    expand(page)
    return {item["id"].removeprefix("urn:uuid:").replace("-", ""): read_annotation(item) for item in page["items"]}


def read_annotation(item):
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", item["id"])
    bodies = {body["purpose"]: body for body in item.get("body", [])}
    assert item["motivation"] == (list(bodies) or ["highlighting"])
    span = item["casement:span"]
    targets = [read_target(target) for target in listed(item["target"])]
    return {
        "text": bodies.get("describing", {"value": ""})["value"], "code": bodies.get("tagging", {"value": None})["value"],
        "exhibit": listed(item["target"])[0]["source"]["label"], "source": listed(item["target"])[0]["source"],
        "track": span["casement:track"], "from": span["casement:from"], "to": span["casement:to"],
        "pts": [int(span[key]) for key in ("casement:fromPts", "casement:toPts") if key in span],
        "timebase": span["casement:timebase"], "frames": span.get("casement:frames", []),
        "regions": [region for _, region in targets if region is not None], "time": targets[0][0],
        "author": item.get("creator", {"name": ""})["name"], "when": item.get("created", item.get("modified")),
        "entry": item["casement:entry"],
    }


def read_target(target):
    """(time, region): ((start, end) or None, (frame, x, y, w, h) or None), in microseconds and pixels."""
    time, region = None, None
    selectors = listed(target.get("selector", []))
    if selectors and selectors[0]["value"].startswith("t="):
        assert selectors[0]["conformsTo"] == "http://www.w3.org/TR/media-frags/"
        start, end = re.fullmatch(r"t=(\d+\.\d{6}),(\d+\.\d{6})", selectors[0]["value"]).groups()
        time = int(start.replace(".", "")), int(end.replace(".", ""))
        assert time[0] < time[1], time
        selectors = listed(selectors[0].get("refinedBy", []))
    for selector in selectors:
        drawn = read_region(selector)
        assert region in (None, drawn), "two selectors of one region differ"
        region = drawn
    return time, region and (target["casement:regionFrame"], *region)


def read_region(selector):
    if selector["type"] == "FragmentSelector":
        return tuple(map(int, re.fullmatch(r"xywh=pixel:(\d+),(\d+),([1-9]\d*),([1-9]\d*)", selector["value"]).groups()))
    assert selector["type"] == "SvgSelector"
    svg = xml.etree.ElementTree.fromstring(selector["value"])
    (rect,) = svg
    assert svg.tag == "{http://www.w3.org/2000/svg}svg" and rect.tag == "{http://www.w3.org/2000/svg}rect"
    x, y, w, h = (int(rect.get(name)) for name in ("x", "y", "width", "height"))
    left, top, width, height = map(int, svg.get("viewBox").split())
    assert (left, top) == (0, 0) and x + w <= width and y + h <= height, selector["value"]
    return x, y, w, h


# --- what travels beside marks in milliseconds ---

def read_exact(line):
    words = [word.split("=", 1) for word in line.split(" ")]
    named = dict(words)
    return {
        "mark": named.get("mark"), "track": named["track"], "from": int(named["from"]), "to": int(named["to"]),
        "pts": [int(named[key]) for key in ("from_pts", "to_pts") if named[key] != "-"],
        "timebase": named["timebase"], "entry": named["entry"],
        "regions": [tuple(map(int, re.split("[@,]", value))) for key, value in words if key == "rect"],
    }


# --- WebVTT ---

TIMING = re.compile(r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d\d+):([0-5]\d):([0-5]\d)\.(\d{3})")


def milliseconds(hours, minutes, seconds, parts):
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(parts)


def read_vtt(path):
    """Cues by mark, by the format's rules; FFmpeg must see the same ones."""
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("WEBVTT") and text.endswith("\n") and "\r" not in text
    blocks = [block.strip("\n") for block in re.split(r"\n\n+", text)][1:]
    cues, exact = {}, None
    for block in filter(None, blocks):
        if block.startswith("NOTE mark="):
            exact = read_exact(block.removeprefix("NOTE "))
        elif not block.startswith("NOTE"):
            name, timing, payload = block.split("\n", 2)
            times = TIMING.fullmatch(timing).groups()
            assert exact["mark"] == name and "-->" not in payload
            cues[name] = {**exact, "span": (milliseconds(*times[:4]), milliseconds(*times[4:])), **read_payload(payload)}
    spans = [cue["span"] for cue in cues.values()]
    assert spans == sorted(spans) and all(start < end for start, end in spans)
    assert spans == probe_cues(path), path
    return cues


def read_payload(payload):
    author, code, text = re.fullmatch(
        r"<v ([^<>\n]*)>(?:<c\.([a-z0-9-]+)>[^<>\n]*</c>(?:\n|$))?([^<>]*)", payload, re.S).groups()
    text = re.sub("^&nbsp;$", "", text, flags=re.M)
    return {"author": html.unescape(author), "code": code, "text": html.unescape(text)}


def probe_cues(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_packets", "-of", "json", path], check=True, capture_output=True)
    assert not done.stderr, done.stderr
    return [(p["pts"], p["pts"] + p["duration"]) for p in json.loads(done.stdout)["packets"]]


# --- EAF ---

def read_eaf(path):
    """Annotations by mark; the format's order, ids and references are libxml2's affair, the rest is checked here."""
    subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", DATA / "eaf.rng", path], check=True, capture_output=True)
    root = xml.etree.ElementTree.parse(path).getroot()
    slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values())
    names = [tier.get("TIER_ID") for tier in root.iter("TIER")]
    assert len(names) == len(set(names))
    types = {kind.get("LINGUISTIC_TYPE_ID"): kind for kind in root.iter("LINGUISTIC_TYPE")}
    values, parents = {}, {}
    for tier in root.iter("TIER"):
        kind = types[tier.get("LINGUISTIC_TYPE_REF")]
        if tier.get("PARENT_REF") is None:
            assert kind.get("TIME_ALIGNABLE") == "true" and kind.get("CONSTRAINTS") is None
            read_tier(tier, slots, values)
        else:
            assert kind.get("CONSTRAINTS") == "Symbolic_Association" and tier.get("PARENT_REF") in names
            read_child(tier, values, parents)
    count = sum(1 for _ in root.iter("ANNOTATION"))
    assert count == int(root.find("HEADER/PROPERTY[@NAME='lastUsedAnnotationId']").text)
    return {value["id"]: {**read_exact(value["ticks"]), **value} for value in values.values()}


def read_tier(tier, slots, values):
    last = 0
    for one in tier.iter("ALIGNABLE_ANNOTATION"):
        start, end = slots[one.get("TIME_SLOT_REF1")], slots[one.get("TIME_SLOT_REF2")]
        assert last <= start < end, "annotations of one tier overlap"
        last = end
        values[one.get("ANNOTATION_ID")] = {"span": (start, end), "author": tier.get("ANNOTATOR"), "code": None,
                                            "tier": tier.get("TIER_ID"), "text": one.find("ANNOTATION_VALUE").text or ""}


def read_child(tier, values, parents):
    name = tier.get("TIER_ID").split("@", 1)[0]
    for one in tier.iter("REF_ANNOTATION"):
        parent = values[one.get("ANNOTATION_REF")]
        assert parent["tier"] == tier.get("PARENT_REF") and (name, one.get("ANNOTATION_REF")) not in parents
        parents[name, one.get("ANNOTATION_REF")] = one
        parent[name] = one.find("ANNOTATION_VALUE").text


# --- tables ---

def read_csv(path):
    """Rows by mark. What a spreadsheet would run is text."""
    data = path.read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(data, newline=""), strict=True))
    marks = {}
    for row in rows:
        assert None not in row and None not in row.values(), row
        for name in ("file", "code", "text", "author"):
            assert not row[name].lstrip(" ").startswith(tuple("=+-@\t\r\n|%＝＋－＠")), row[name]
            row[name] = row[name].removeprefix("'")
        region = tuple(int(row[name]) for name in ("region_frame", "x", "y", "width", "height") if row[name])
        mark = marks.setdefault(row["mark"], {
            "exhibit": row["exhibit"], "sha256": row["sha256"], "track": row["track"], "from": int(row["from"]),
            "to": int(row["to"]), "code": row["code"] or None, "text": row["text"], "author": row["author"],
            "when": row["time"], "entry": row["entry"], "regions": [],
            "pts": [int(row[name]) for name in ("from_pts", "to_pts") if row[name]],
            "timebase": f"{row['timebase_num']}/{row['timebase_den']}"})
        if region:
            mark["regions"].append(region)
    return marks


def read_frames(path):
    lines = path.read_text().split("\n")
    assert lines.pop() == "" and lines[0] == "file\ttrack\tordinal\tpts\tsha256\tpixel_format\twidth\theight\tlibrary"
    rows = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    keys = [(row["file"], row["track"], int(row["ordinal"])) for row in rows]
    assert len(keys) == len(set(keys))
    return rows
