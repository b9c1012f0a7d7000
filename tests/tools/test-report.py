#!/usr/bin/python3
"""test-report: report.pdf, as other programs read it.
SPDX-License-Identifier: GPL-3.0-or-later"""
import functools
import re
import subprocess

from PIL import Image, ImageChops, ImageStat

import harness
import reported

# A still on paper is scaled, and its colours are its own: what differs is sampling.
PRINT = 9


def tool(*args):
    done = subprocess.run(list(map(str, args)), capture_output=True)
    assert done.returncode == 0, f"{args}: {done.stdout.decode()}{done.stderr.decode()}"
    return done.stdout


def check(pdf):
    assert b"No syntax or stream encoding errors found" in tool("qpdf", "--check", pdf)


def pages(pdf, how="-raw"):
    """The text of each page, as it is written, or by columns and directions (None)."""
    return tool("pdftotext", *[how] if how else [], pdf, "-").decode().split("\f")[:-1]


def flat(text):
    """Without what lays it out: lines broken, direction marks."""
    return re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", " ".join(text.split()))


def all_text(pdf, how="-raw"):
    return flat(" ".join(pages(pdf, how)))


def exhibits():
    return reported.PLAYED[:5] + reported.NOT_PLAYED + reported.SOUND


@functools.lru_cache
def bytes_of_all():
    with harness.scratch() as place:
        return (reported.write_report(place, exhibits()) / "report.pdf").read_bytes()


def report(place, which=None, **kwargs):
    """That of all exhibits is made once."""
    if which is not None:
        return reported.write_report(place, which, **kwargs) / "report.pdf"
    pdf = place.folder / "report.pdf"
    pdf.write_bytes(bytes_of_all())
    return pdf


def others_read_it(place):
    pdf = report(place)
    check(pdf)
    info = tool("pdfinfo", pdf).decode()
    assert re.search(r"Title: +" + re.escape(reported.TITLE), info) and re.search(r"Page size: .*A4", info), info
    assert re.search(r"Tagged: +yes", info) and re.search(r"CreationDate: +Fri Jan +2 00:00:00 2026", info), info
    fonts = tool("pdffonts", pdf).decode().splitlines()[2:]
    assert fonts and all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts), fonts


def text_stands_in_the_order_it_is_read(place):
    # Letters from right to left are put in order by the reader.
    text = all_text(report(place), None)
    for wanted in reported.RUSSIAN, reported.ARABIC, flat(reported.HOSTILE), reported.TITLE, "“назад”":
        assert wanted in text, f"{wanted!r} is not there"
    # What was broken over lines, since it is long, has lost no letter and won no hyphen.
    assert reported.LONG.replace(" ", "") in text.replace(" ", "")


def hashes_are_whole(place):
    text = all_text(report(place)).replace(" ", "")
    for file, _, _ in exhibits():
        assert text.count(harness.sha256(harness.CORPUS / file)) == 2, file


def each_page_is_numbered(place):
    found = pages(report(place))
    for number, page in enumerate(found, 1):
        assert f"page {number} of {len(found)}" in page, page
    body = [page for page in found if "\nMark 1: " in page]
    assert len(body) >= 6
    for page in body:
        assert re.search(r"^E-000\d( – E-000\d)?$", page, re.MULTILINE), page


def the_statement_is_a_draft_on_each_page(place):
    # So many files that it takes pages.
    found = pages(report(place, [(*reported.SOUND[0][:2], [])] * 40))
    first = next(n for n, page in enumerate(found) if "Draft statement of integrity" in page and n > 2)
    assert len(found) - first >= 3
    for page in found[first:]:
        assert "DRAFT – not signed" in page, page
    assert not any("DRAFT" in page for page in found[:first])
    assert "Signature" in found[-1] and "28 U.S.C. § 1746" in found[-1]


def contents_and_outline_lead_there(place):
    pdf = report(place)
    found = pages(pdf)
    for title in "Scope", "Items", "Custody", "Method", "Marks", "What was displayed", "Limits", "Glossary":
        number = int(re.search(rf"^{title}\s+(\d+)$", found[0], re.MULTILINE)[1])
        assert re.search(rf"^{title}$", found[number - 1], re.MULTILINE), (title, number)
    plain = tool("qpdf", "--qdf", "--object-streams=disable", pdf, "-").decode("latin-1")
    destinations = set(re.findall(r'"([^"]+)"$', tool("pdfinfo", "-dests", pdf).decode(), re.MULTILINE))
    led = set(re.findall(r"/Dest \(([^)]*)\)", plain))
    assert len(led) > 20 and led <= destinations, led - destinations
    assert plain.count("/Type /Outlines") == 1 and plain.count("/Title ") > 20


def the_same_bytes_again(place):
    one = report(place, reported.PLAYED[:2], name="one").read_bytes()
    two = report(place, reported.PLAYED[:2], name="two").read_bytes()
    assert one == two


def nothing_of_the_machine_is_in_it(place):
    pdf = report(place, reported.PLAYED[:1])
    plain = tool("qpdf", "--qdf", "--object-streams=disable", pdf, "-")
    for secret in str(place.folder), str(harness.SOURCE), "/usr/share", "/tmp":
        assert secret.encode() not in plain, secret


def stills_are_upright_with_their_regions(place):
    file, _, marks = reported.PLAYED[4]
    pdf = report(place, reported.PLAYED[4:5])
    number = next(n for n, page in enumerate(pages(pdf), 1) if "Mark 1: " in page)
    # Another program takes the picture out of the file, without what is drawn on it.
    tool("pdfimages", "-png", "-f", number, "-l", number, pdf, place.folder / "picture")
    taken = Image.open(place.folder / "picture-000.png").convert("RGB")
    frame = reported.frames(file, [marks[0].first], taken.size)[marks[0].first]
    assert sum(ImageStat.Stat(ImageChops.difference(taken, frame)).mean) / 3 < PRINT
    tool("pdftoppm", "-png", "-r", "144", "-f", number, "-l", number, pdf, place.folder / "page")
    page = Image.open(next(place.folder.glob("page-*.png"))).convert("RGB")
    red = [(x, y) for x in range(page.width) for y in range(page.height)
           if page.getpixel((x, y))[0] > 170 and max(page.getpixel((x, y))[1:]) < 60]
    across, down = (max(c) - min(c) for c in zip(*red))
    # 200 by 100 in the frame, turned: 100 by 200.
    assert abs(down / across - 2.0) < 0.1, (across, down)


def displayed_and_not(place):
    extra = [("displayed", 0, 40), ("displayed", 99, 60)]
    text = all_text(report(place, reported.PLAYED[:1], extra=extra))
    assert "E-0001 0 to 40, 60 to 99 41 to 59, 100 to 119" in text, text[-6000:]
    text = all_text(report(place, reported.PLAYED[:1], name="without"))
    assert "are left out of this bundle" in text


def a_table_begins_on_one_page(place):
    """Its heading, its head and its first row, wherever on the page it comes."""
    file, received, _ = reported.SOUND[0]
    codes = re.compile(r"^Codes\n(?:A mark may|Code Definition)", re.MULTILINE)
    row = re.compile(r"^baton A person", re.MULTILINE)
    heights = set()
    for n in range(0, 64, 2):
        pdf = report(place, [(file, received, [reported.Mark(0, 1, "baton")])], name=f"withheld-{n}",
                     extra=[("withheld", "a", "b")] * n)
        page = [page for page in pages(pdf) if codes.search(page)]
        assert len(page) == 1 and row.search(page[0]) and "Code Definition Source" in page[0], (n, page)
        heights.add(page[0][:codes.search(page[0]).start()].count("\n"))
    # It was near the top, near the bottom and between.
    assert len(heights) > 10, heights


def five_hundred_marks(place):
    file, received, _ = reported.PLAYED[5]
    marks = [reported.Mark(n % 10, n % 10 + 1, "baton", (20, 20, 100, 50), f"{reported.RUSSIAN} {n}") for n in range(500)]
    pdf = report(place, [(file, received, marks)])
    check(pdf)
    found = pages(pdf)
    assert f"page {len(found)} of {len(found)}" in found[-1]
    text = " ".join(found)
    assert all(f"Mark {n}: frames " in text for n in range(1, 501))
    assert pdf.stat().st_size < 100 * 1024 * 1024


harness.main("report", [others_read_it, text_stands_in_the_order_it_is_read, hashes_are_whole, each_page_is_numbered,
                        the_statement_is_a_draft_on_each_page, contents_and_outline_lead_there, the_same_bytes_again,
                        nothing_of_the_machine_is_in_it, stills_are_upright_with_their_regions, displayed_and_not,
                        a_table_begins_on_one_page, five_hundred_marks])
