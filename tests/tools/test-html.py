#!/usr/bin/python3
"""test-html: index.html in a real browser, from the disk, without a network.
SPDX-License-Identifier: GPL-3.0-or-later"""
import re

from PIL import Image, ImageChops, ImageStat
from selenium.common.exceptions import WebDriverException

import browser
import harness
import reported
import two_tracks

STATE = "return arguments[0].dataset.state"
# A picture of another colour conversion is off by a few of 255 on the average.
COLOUR = 12


def distance(one, other):
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


class Page:
    """index.html in @view."""

    def __init__(self, view, folder, fragment=""):
        self.view = view
        view.open(folder / "index.html", fragment)

    def find(self, selector, parent=None):
        return self.view.run("return [...(arguments[1] || document).querySelectorAll(arguments[0])]", selector, parent)

    def exhibit(self, number):
        return self.find(f"#e-{number:04}")[0]

    def settle(self, player):
        """Waits until a mark is there; the state that it is in."""
        self.view.wait("const s = arguments[0].dataset.state; return s !== undefined && s !== 'seeking'", player)
        return self.view.run(STATE, player)

    def click(self, element):
        self.view.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def choose(self, player, card):
        self.click(self.find(".show", card)[0])
        return self.settle(player)

    def press(self, player, name):
        self.click(self.find(f"button[name={name}]", player)[0])
        return self.settle(player)

    def screen(self, player, regions=False):
        """What stands in the player's place for pictures."""
        self.view.run("arguments[0].scrollIntoView({block: 'start'});"
                      "for (const svg of arguments[0].querySelectorAll('.stage svg'))"
                      "  svg.style.visibility = arguments[1] ? '' : 'hidden'", player, regions)
        return self.view.picture((self.find(".instead .pic", player) or self.find(".stage", player))[0])

    def readout(self, player):
        return self.find(".readout", player)[0].text


def assert_frame(page, player, file, frame):
    """The picture on the screen is @frame of @file rather than one beside it."""
    shown = page.screen(player)
    near = reported.frames(file, [n for n in (frame - 1, frame, frame + 1) if n >= 0], shown.size)
    off = {number: distance(shown, picture) for number, picture in near.items()}
    assert off[frame] < COLOUR, f"{file} frame {frame}: {off}"
    for number in off.keys() - {frame}:
        apart = distance(near[number], near[frame])
        assert apart < 0.02 or off[frame] < off[number], f"{file} frame {frame} is shown as {number}: {off}"
    match = re.match(r"frame (\d+) \(the first is 0\) of \d+, media time ", page.readout(player))
    assert match and int(match[1]) == frame, page.readout(player)


def region_on_screen(page, player):
    """The box of what the regions cover, in pixels of the picture on the screen."""
    without, drawn = page.screen(player), page.screen(player, regions=True)
    changed = ImageChops.difference(without, drawn).convert("L").point(lambda v: 255 if v > 40 else 0)
    return changed.getbbox(), drawn.size


def assert_region(page, player, region, frame_size, turned):
    (left, top, right, bottom), size = region_on_screen(page, player)
    x, y, width, height = region
    if turned:
        x, y, width, height = y, frame_size[0] - x - width, height, width
        frame_size = frame_size[::-1]
    across, down = size[0] / frame_size[0], size[1] / frame_size[1]
    wanted = (x * across, y * down, (x + width) * across, (y + height) * down)
    for is_, be in zip((left, top, right, bottom), wanted):
        assert abs(is_ - be) <= 4, f"{(left, top, right, bottom)} is not {wanted}"


def check_played(page, number, file, marks):
    exhibit = page.exhibit(number)
    player, cards = page.find(".player", exhibit)[0], page.find(".mark", exhibit)
    assert len(cards) == len(marks)
    for card, mark in zip(cards, marks):
        assert page.choose(player, card) == "exact", f"{file} {mark.first}: {page.view.run(STATE, player)}"
        assert_frame(page, player, file, mark.first)
        if mark.region is not None:
            assert_region(page, player, mark.region, page.view.run(
                "const i = arguments[0].querySelector('img');"
                "return ['width', 'height'].map((name) => Number(i.getAttribute(name)))", card), "rot90" in file)
        if mark.last == mark.first:
            continue
        for name, frame in ("next", mark.first + 1), ("last", mark.last), ("previous", mark.last - 1):
            state = page.press(player, name)
            assert state == "exact", f"{file}, {name}: {state}, {page.readout(player)}"
            assert_frame(page, player, file, frame)


def each_link_shows_its_exact_frame(place):
    folder = reported.write_report(place, reported.PLAYED)
    with browser.browser() as view:
        page = Page(view, folder)
        for number, (file, _, marks) in enumerate(reported.PLAYED, 1):
            check_played(page, number, file, marks)
        assert view.complaints() == []


def the_address_leads_to_a_mark(place):
    file, _, marks = reported.PLAYED[0]
    folder = reported.write_report(place, reported.PLAYED[:1])
    with browser.browser() as view:
        page = Page(view, folder)
        second = page.find(".mark")[1].get_attribute("id")
        page = Page(view, folder, "#" + second)
        player = page.find(".player")[0]
        assert page.settle(player) == "exact"
        assert_frame(page, player, file, marks[1].first)
        assert view.complaints() == []


def what_is_not_played_is_shown_by_stills(place):
    exhibits = reported.NOT_PLAYED + reported.PLAYED[3:4]
    folder = reported.write_report(place, exhibits)
    # A file whose name promises what its bytes do not hold.
    (folder / "exhibits" / f"E-{len(exhibits):04}.webm").write_bytes(b"\0" * 5000)
    with browser.browser() as view:
        page = Page(view, folder)
        for number, (file, _, marks) in enumerate(exhibits, 1):
            exhibit = page.exhibit(number)
            player, card = page.find(".player", exhibit)[0], page.find(".mark", exhibit)[0]
            assert page.choose(player, card) == "still", file
            view.wait("const i = arguments[0].querySelector('.instead img'); return i.complete && i.naturalWidth > 0", player)
            shown = page.screen(player)
            frame = reported.frames(file, [marks[0].first], shown.size)[marks[0].first]
            assert distance(shown, frame) < COLOUR, file


def sound_is_played(place):
    folder = reported.write_report(place, reported.SOUND)
    with browser.browser() as view:
        page = Page(view, folder)
        player = page.find(".player")[0]
        assert page.choose(player, page.find(".mark")[0]) == "exact"
        start = view.run("return arguments[0].querySelector('audio').currentTime", player)
        base = view.run("return arguments[0].dataset.base", page.find(".mark")[0])
        num, den = map(int, base.split("/"))
        assert abs(start - 44100 * num / den) < 0.001, start
        assert view.complaints() == []


def texts_are_themselves(place):
    """Hostile, Russian and Arabic."""
    folder = reported.write_report(place, reported.PLAYED[:3])
    with browser.browser() as view:
        page = Page(view, folder)
        texts = view.run("return [...document.querySelectorAll('#e-0001 .prose')].map((e) => e.textContent)")
        assert texts == [mark.text for mark in reported.PLAYED[0][2]]
        assert view.driver.title == reported.TITLE
        assert view.run("return document.querySelector('h1').textContent") == reported.TITLE
        names = view.run("return [...document.querySelectorAll('h3 .name')].map((e) => e.textContent)")
        assert names == [received for _, received, _ in reported.PLAYED[:3]]
        assert view.run("return document.querySelectorAll('script:not([type])').length") == 1
        assert view.run("return document.querySelectorAll('[onerror], img[src=x], b').length") == 0
        # Each on its own side.
        for number, side in (0, "left"), (1, "right"):
            inner, outer = view.run(
                "const e = document.querySelectorAll('#e-0001 .prose')[arguments[0]];"
                "const r = document.createRange(); r.selectNodeContents(e);"
                "return [[...r.getClientRects()].map((b) => [b.bottom, b[arguments[1]]]),"
                "        e.getBoundingClientRect()[arguments[1]]]", number, side)
            outermost = min if side == "left" else max
            lines = {bottom: outermost(edge for other, edge in inner if other == bottom) for bottom, _ in inner}
            assert all(abs(edge - outer) < 3 for edge in lines.values()), (side, inner, outer)
        assert view.complaints() == []


def the_browser_has_no_network(place):
    with browser.browser() as view:
        view.driver.get("about:blank")
        networks = view.networks()
        assert {"chromedriver", "chromium"} <= {command for command, _ in networks}, networks
        assert all(names == ["lo"] for _, names in networks), networks
        # Numbers of a documentation network: no name is asked for.
        try:
            view.driver.get("http://192.0.2.1/")
            failure = "came through"
        except WebDriverException as e:
            failure = e.msg
        assert "ERR_INTERNET_DISCONNECTED" in failure or "ERR_ADDRESS_UNREACHABLE" in failure, failure


def nothing_comes_from_elsewhere(place):
    folder = reported.write_report(place, reported.PLAYED[:1])
    page = (folder / "index.html").read_text()
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page.replace("http://www.w3.org/2000/svg", "")), "an address"
    assert str(place.folder) not in page
    with browser.browser() as view:
        Page(view, folder)
        names = view.run("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert all(name.startswith(folder.as_uri()) for name in names), names
        # The policy holds: neither a script of another's nor a request gets through.
        view.run("const s = document.createElement('script'); s.textContent = 'window.bad = 1'; document.body.append(s);")
        assert view.run("return window.bad === undefined")
        assert view.driver.execute_async_script(
            "const done = arguments[0]; fetch('https://example.org/').then(() => done('went'), () => done('refused'))") == "refused"


def it_prints_with_stills_and_details(place):
    folder = reported.write_report(place, reported.PLAYED[:1])
    with browser.browser() as view:
        page = Page(view, folder)
        view.emulate(media="print")
        seen = "const e = document.querySelector(arguments[0]); return e.checkVisibility() && e.getClientRects().length > 0"
        for selector in ".mark .pic", ".mark .more", ".mark figcaption", ".paged thead":
            assert view.run(seen, selector), selector
        for selector in ".player", "nav", ".mark .actions":
            assert not view.run(seen, selector), selector


def keys_step(place):
    file, _, marks = reported.PLAYED[0]
    folder = reported.write_report(place, reported.PLAYED[:1])
    with browser.browser() as view:
        page = Page(view, folder)
        player, card = page.find(".player")[0], page.find(".mark")[0]
        link = page.find(".show", card)[0]
        view.run("arguments[0].focus()", link)
        link.send_keys("\ue007")
        assert page.settle(player) == "exact"
        button = page.find("button[name=next]", player)[0]
        for key, frame in (".", 11), (".", 12), (",", 11), ("\ue010", 25), ("\ue011", 10):
            view.run("arguments[0].focus()", page.find("button[name=play]", player)[0])
            page.find("button[name=play]", player)[0].send_keys(key)
            assert page.settle(player) == "exact"
            assert_frame(page, player, file, frame)
        assert button.is_enabled()


def playing_ends_a_search(place):
    """A frame that the browser never presents is still waited for when its mark is played: what is shown is told then."""
    folder = reported.write_report(place, reported.PLAYED[:1])
    with browser.browser() as view:
        view.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
            HTMLVideoElement.prototype.requestVideoFrameCallback = function (tell) {
              return ask.call(this, (now, data) => tell(now, {
                mediaTime: data.mediaTime < window.lieUntil ? data.mediaTime + 0.0123 : data.mediaTime }));
            };"""})
        page = Page(view, folder)
        player, card = page.find(".player")[0], page.find(".mark")[0]
        view.run("""
            const [player, card] = arguments, {fromTicks, base} = card.dataset, [num, den] = base.split('/');
            window.lieUntil = fromTicks * num / den + 0.001;
            window.told = [];
            new MutationObserver(() => told.push([player.dataset.state, player.querySelector('.readout').textContent]))
              .observe(player, {subtree: true, childList: true, attributes: true});
            card.querySelector('.show').click();""", player, card)
        view.wait("return arguments[0].dataset.state === 'seeking'", player)
        view.wait("return !arguments[0].querySelector('video').seeking", player)
        view.run("arguments[0].querySelector('button[name=play]').click()", player)
        view.wait("return arguments[0].dataset.state === 'exact'", player)
        told = view.run("return told")
        numbers = {int(text.split()[1]) for state, text in told if state == "playing" and text}
        assert len(numbers) > 2 and min(numbers) > 10, (numbers, told)


def marks_on_another_track_show_their_stills(place):
    """Browsers play the first video track: what is on another one stands there as its still, in its own shape."""
    place.make_case()
    place.run("import", place.case, two_tracks.make(place.folder / "dash.mp4"))
    place.run("mark", place.case, "E-0001", "--from", "20")
    place.run("mark", place.case, "E-0001", "--track", "v:1", "--from", "21", "--to", "25")
    place.run("export", place.case, place.folder / "bundle")
    with browser.browser() as view:
        page = Page(view, place.folder / "bundle" / "data")
        player, (front, rear) = page.find(".player")[0], page.find(".mark")
        assert page.choose(player, rear) == "still"
        assert "another video track" in page.find(".state", player)[0].text, page.find(".state", player)[0].text
        assert page.readout(player) == page.find("h4", rear)[0].text and "v:1" in page.readout(player)
        shown = page.screen(player)
        assert abs(shown.size[0] / shown.size[1] - 160 / 120) < 0.02, shown.size
        still = Image.open(place.folder / "bundle/data/stills/E-0001-v1-f000021.png").convert("RGB").resize(shown.size)
        assert distance(shown, still) < COLOUR, distance(shown, still)
        for name in "first", "previous", "next", "last", "play":
            assert not page.find(f"button[name={name}]", player)[0].is_enabled(), name
        assert page.choose(player, front) == "exact"
        assert view.complaints() == []


def a_bundle_of_a_case_is_the_same(place):
    """The way through the whole house: a case, marks, casectl export."""
    place.make_case()
    exhibits = reported.PLAYED[:1] + reported.PLAYED[4:5]
    for number, (file, _, marks) in enumerate(exhibits, 1):
        place.run("import", place.case, harness.CORPUS / file)
        for mark in marks:
            extra = [f"--rect={','.join(map(str, mark.region))}"] if mark.region else []
            place.run("mark", place.case, f"E-{number:04}", "--from", str(mark.first), "--to", str(mark.last),
                      "--text", mark.text, *extra)
    place.run("export", place.case, place.folder / "bundle")
    with browser.browser() as view:
        page = Page(view, place.folder / "bundle" / "data")
        for number, (file, _, marks) in enumerate(exhibits, 1):
            exhibit = page.exhibit(number)
            player = page.find(".player", exhibit)[0]
            for card, mark in zip(page.find(".mark", exhibit), marks):
                assert page.choose(player, card) == "exact"
                assert_frame(page, player, file, mark.first)
        assert view.complaints() == []


harness.main("html", [the_browser_has_no_network, each_link_shows_its_exact_frame, the_address_leads_to_a_mark,
                      what_is_not_played_is_shown_by_stills, sound_is_played, texts_are_themselves,
                      nothing_comes_from_elsewhere, it_prints_with_stills_and_details, keys_step, playing_ends_a_search,
                      marks_on_another_track_show_their_stills, a_bundle_of_a_case_is_the_same])
