"""window.py: the real window, driven by AT-SPI and the keyboard as a person would."""
import collections
import os
import pathlib
import re
import signal
import subprocess
import time

import pyatspi
from gi.repository import Gio, GLib

ROOT = pathlib.Path(os.environ["CSM_SOURCE_ROOT"])
CASEMENT = os.environ["CSM_CASEMENT"]
CASECTL = os.environ["CSM_CASECTL"]
ROOT_PATH = "/org/a11y/atspi/accessible/root"
# A wrapper of the application, which cannot be executed anew then: locking does all that it does by itself.
STAYS = ["strace", "-q", "-o", os.devnull, "-e", "trace=execve", "-e", "inject=execve:error=ENOMEM:when=1"]
PATIENCE = int(os.environ.get("CSM_PATIENCE", "90"))  # seconds until something that must appear is given up


class Missing(AssertionError):
    """Something that a person would look for is not there."""


def wait(what, condition, patience=PATIENCE, pause=0.1):
    """The first true answer of condition(); fails by name when none comes."""
    end = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Missing(what)
        time.sleep(pause)


def is_showing(node):
    """GTK 4.8 says VISIBLE where it means showing; pages that are not shown are not in the tree."""
    return node.getState().contains(pyatspi.STATE_VISIBLE)


def is_visible(item):
    return bool(item[9][0] >> int(pyatspi.STATE_VISIBLE) & 1)


class Tree:
    """All that is accessible in one application, in one answer: asking node by node takes seconds."""

    def __init__(self, app):
        self.app = app
        self.reads = 0
        address = Gio.bus_get_sync(Gio.BusType.SESSION).call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1, None).unpack()[0]
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        children = self._call("org.a11y.atspi.Registry", ROOT_PATH,
                              "org.a11y.atspi.Accessible", "GetChildren")
        names = [name for name, path in children if self._name(name, path) == app.name]
        self.owner = names[0]

    def is_there(self):
        return self._call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                          GLib.Variant("(s)", (self.owner,)))

    def _call(self, owner, path, interface, method, arguments=None):
        return self.bus.call_sync(owner, path, interface, method, arguments, None, 0, -1, None).unpack()[0]

    def _name(self, owner, path):
        try:
            return self._call(owner, path, "org.freedesktop.DBus.Properties", "Get",
                              GLib.Variant("(ss)", ("org.a11y.atspi.Accessible", "Name")))
        except GLib.Error:
            return None

    def _items(self):
        items = self._call(self.owner, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")
        return {item[0][1]: item for item in items}

    def _children(self, paths):
        """{path: paths below it}: all are asked at once."""
        found, waiting = {}, [len(paths)]

        def answered(bus, result, path):
            waiting[0] -= 1
            try:
                found[path] = [child for owner, child in bus.call_finish(result).unpack()[0]]
            except GLib.Error:
                pass  # it vanished meanwhile

        for path in paths:
            self.bus.call(self.owner, path, "org.a11y.atspi.Accessible", "GetChildren", None, None, 0, -1, None,
                          answered, path)
        while waiting[0]:
            GLib.MainContext.default().iteration(True)
        return found

    def read(self):
        """{path: item}: path, application, parent, index, children, interfaces, name, role, description, states.

        GTK lists what somebody has asked for before, hidden or not. Where its list and its number of children
        differ, at the pages of stacks and at what is new, the children are asked for: they are what is there.
        Numbers can lag behind, and so all are asked for now and then."""
        self.reads += 1
        everything = self.reads % 4 == 0
        try:
            items = self._items()
            known = collections.Counter(item[2][1] for item in items.values())
            new = {ROOT_PATH} | {path for path, item in items.items() if everything or item[4] != known[path]}
            new |= {item[2][1] for item in items.values() if item[6].endswith("StackPage") and item[2][1] in items}
            below = {}
            while new:
                found = self._children(new)
                below |= found
                new = {path for paths in found.values() for path in paths if path not in items and path not in below}
            if any(path not in items for paths in below.values() for path in paths):
                items = self._items()
        except GLib.Error:
            return {}
        return self._reached(items, below)

    @staticmethod
    def _reached(items, below):
        """Those of @items that are reached from the root, by the children that were asked for (@below) or else by what
        they say of their parents, each with the parent it is reached by: a page that its stack does not list any more
        goes on listing what is on it."""
        children = collections.defaultdict(list)
        for path, item in items.items():
            children[item[2][1]].append(path)
        parents, found = {ROOT_PATH: ""}, [ROOT_PATH]
        for path in found:
            for child in below.get(path, children[path]):
                if child not in parents:
                    parents[child] = path
                    found.append(child)
        return {path: (*item[:2], (item[2][0], parents[path]), *item[3:]) for path, item in items.items() if path in parents}

    @staticmethod
    def chain(items, item):
        """What leads from the application to the item, as (index, path); None when it is not shown."""
        steps = []
        while item[2][1] in items:
            if not is_visible(item):
                return None
            steps.append((item[3], item[0][1]))
            item = items[item[2][1]]
        return steps[::-1] if item[0][1] == ROOT_PATH else None

    def node(self, chain):
        """The item as an object of pyatspi; None when it has gone."""
        node = self.app
        for index, path in chain:
            children = [child for child in self._objects(node, index, path) if child is not None]
            # Asked one by one, a stack gives its page first, and the page what is on it.
            if not any(child.path == path for child in children):
                children = [below for child in children for below in self._objects(child, 0, path)]
            node = next((child for child in children if child is not None and child.path == path), None)
            if node is None:
                return None
        return node

    @staticmethod
    def _objects(node, index, path):
        """The child at @index when it is the one at @path, else all: indices leave out what is hidden."""
        count = node.childCount
        first = node.getChildAtIndex(index) if index < count else None
        if first is not None and first.path == path:
            return [first]
        return [node.getChildAtIndex(i) for i in range(count)]


class Window:
    """One run of the application."""

    def __init__(self, *arguments, trace=None, calls="socket,connect,bind", output=None, wrapper=(), environment=None,
                 program=CASEMENT):
        command = [*wrapper, program, *map(str, arguments)]
        if trace:
            command = ["strace", "-f", "--seccomp-bpf", "-q", "-y", "-s", "4096", "-e", f"trace={calls}",
                       "-o", str(trace), *command]
        self.known = {}
        self.process = subprocess.Popen(command, stdout=output, stderr=output,
                                        env=os.environ | {"G_DEBUG": os.environ.get("CSM_APP_DEBUG", "")} | (environment or {}))
        self._tree = wait("the application on the accessibility bus", self._find_tree)
        self.pid = self.app.get_process_id()
        wait("its window", lambda: self.x_window())

    def _find_tree(self):
        for app in pyatspi.Registry.getDesktop(0):
            try:
                if app is not None and app.name == "casement" and app.get_process_id() > 0:
                    return Tree(app)
            except Exception:
                continue  # it has just gone, or is not quite there
        return None

    @property
    def tree(self):
        """Locking executes the application anew: its process comes back to the bus under another name."""
        if not self._tree.is_there():
            self.known.clear()
            self._tree = wait("the application again", self._find_tree)
        return self._tree

    @property
    def app(self):
        return self.tree.app

    def x_windows(self):
        return subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "casement"],
                              capture_output=True, text=True).stdout.split()

    def x_window(self):
        found = self.x_windows()
        return found[-1] if found else None

    def is_running(self):
        return pathlib.Path(f"/proc/{self.pid}").exists()

    def close(self):
        """Quits as a person does, who asks again when a dialog that was just going took the key with it;
        a window that does not go is killed, which is a failure."""
        for _ in range(6):
            self.keys("ctrl+q")
            try:
                self.process.wait(10)
                return
            except subprocess.TimeoutExpired:
                continue
        os.kill(self.pid, signal.SIGKILL)
        raise Missing("the end of the application")

    # --- looking ---
    def all(self, name, role=None):
        items = self.tree.read()
        found = [self.tree.chain(items, item) for item in items.values()
                 if item[6] == name and (role is None or item[7] in map(int, role))]
        for chain in sorted(chain for chain in found if chain is not None):
            try:
                node = self.tree.node(chain)
                if node is not None and node.name == name and is_showing(node):
                    yield node
            except Exception:
                continue

    def find(self, name, *role, patience=PATIENCE):
        return wait(f"“{name}” in the window", lambda: next(self.all(name, role or None), None), patience)

    def again(self, name, *role):
        """As find(), for what stays in its place: a walk over the whole tree costs seconds."""
        if (name, role) not in self.known:
            self.known[name, role] = self.find(name, *role)
        return self.known[name, role]

    def has(self, name, *role):
        return next(self.all(name, role or None), None) is not None

    def button(self, name, patience=PATIENCE):
        return self.find(name, pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, patience=patience)

    def frame(self):
        """The readout: (ordinal, count); nothing while there is no picture."""
        try:
            text = self.again("Frame").queryText().getText(0, -1)
        except Exception:
            self.known.clear()
            return None
        ordinal, _, count = text.partition(" / ")
        return (int(ordinal), int(count)) if count.isdigit() else None

    def shown(self):
        """The frame of the picture that is on the screen, not the one asked for; None without."""
        try:
            words = self.again("Picture").description.split()
            return int(words[1]) if words[:1] == ["frame"] else None
        except Exception:
            self.known.clear()
            return None

    def rows(self, name):
        """Names of the rows that a list shows."""
        return wait(f"“{name}” in the window", lambda: self._rows(name))[0]

    def _rows(self, name):
        items = self.tree.read()
        lists = [chain for item in items.values() if item[6] == name and item[7] == int(pyatspi.ROLE_LIST)
                 for chain in [self.tree.chain(items, item)] if chain is not None]
        if not lists:
            return None
        rows = [(chain, item[6]) for item in items.values() if item[7] == int(pyatspi.ROLE_LIST_ITEM)
                for chain in [self.tree.chain(items, item)] if chain and chain[:len(lists[0])] == lists[0]]
        return [[row for _, row in sorted(rows)]]

    def shows(self, words):
        """Whether any label holds @words."""
        items = self.tree.read()
        return any(words in item[6] and self.tree.chain(items, item) is not None for item in items.values())

    def text_like(self, pattern):
        """The first name that matches, the outermost of those within each other."""
        items = self.tree.read()
        found = [(self.tree.chain(items, item), item[6]) for item in items.values() if re.search(pattern, item[6])]
        return min([(chain, name) for chain, name in found if chain is not None], default=(None, None))[1]

    # --- doing ---
    def step(self, name, times):
        """Presses a button that stays, again and again."""
        node = self.again(name, pyatspi.ROLE_PUSH_BUTTON)
        for _ in range(times):
            node.queryAction().doAction(0)

    def click(self, name):
        node = self.button(name)
        wait(f"“{name}” to be usable", lambda: node.getState().contains(pyatspi.STATE_SENSITIVE))
        node.queryAction().doAction(0)

    def press_in(self, title, key):
        """A key in the dialog @title; check boxes have no action to AT-SPI, and are ticked so."""
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"],
                               capture_output=True, text=True).stdout.split()
        subprocess.run(["xdotool", "windowfocus", "--sync", found[-1]], check=True)
        subprocess.run(["xdotool", "key", "--window", "0", key], check=True)

    def open_menu_item(self, name):
        """By the main menu, as a person does: F10 opens it."""
        self.keys("F10")
        self.find(name, pyatspi.ROLE_MENU_ITEM).queryAction().doAction(0)

    def open_page(self, name):
        """By its tab, which switches a moment after it was pressed. GTK lists what is on a page that was never shown, and
        such a button takes no click."""
        tab = self.find(name, pyatspi.ROLE_PAGE_TAB)
        tab.queryAction().doAction(0)
        wait(f"the page “{name}”", lambda: tab.getState().contains(pyatspi.STATE_SELECTED))

    def select(self, node):
        """A row of a list box."""
        parent = node.parent
        parent.querySelection().selectChild(node.getIndexInParent())

    def click_row(self, name, position):
        """A row of a list view, with the pointer: AT-SPI knows no way in GTK 4.8."""
        rows = [row for row in self.find(name, pyatspi.ROLE_LIST) if row.getRole() == pyatspi.ROLE_LIST_ITEM]
        found = rows[position].queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        middle = [str(int(found.x + found.width / 2)), str(int(found.y + found.height / 2))]
        window = self.x_window()
        # Where it would rest, a tooltip would come, which is a window of its own.
        subprocess.run(["xdotool", "mousemove", "--window", window, *middle, "click", "1",
                        "mousemove", "--window", window, "2", "2"], check=True)

    def type_into(self, name, text):
        node = self.find(name, pyatspi.ROLE_TEXT, pyatspi.ROLE_PASSWORD_TEXT, pyatspi.ROLE_ENTRY)
        node.queryEditableText().setTextContents(text)

    def tick(self, name):
        """Check boxes of GTK 4.8 have no action: one is clicked where it is."""
        box = self.find(name, pyatspi.ROLE_CHECK_BOX)
        extents = box.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        subprocess.run(["xdotool", "mousemove", "--window", self.x_window(), str(extents.x + 8),
                        str(extents.y + extents.height // 2), "click", "1"], check=True)
        wait("a tick", lambda: box.getState().contains(pyatspi.STATE_CHECKED))

    def settled_window(self):
        """The window on top once none comes or goes: a dialog that is just closing would swallow a key."""
        before = wait("its window", self.x_windows)
        while True:
            time.sleep(0.1)
            now = wait("its window", self.x_windows)
            if now == before:
                return now[-1]
            before = now

    def keys(self, *keys):
        window = self.settled_window()
        subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True)
        for key in keys:
            subprocess.run(["xdotool", "key", "--window", "0", key], check=True)
            time.sleep(0.03)

    def extents(self, name):
        return self.find(name).queryComponent().getExtents(pyatspi.WINDOW_COORDS)

    def on_screen(self, name):
        """(x, y, width, height) of the widget @name in a screenshot. The accessible tree counts from within the border
        that a window draws for itself, which is as wide on every side."""
        shape = subprocess.run(["xdotool", "getwindowgeometry", "--shell", self.x_window()],
                               capture_output=True, text=True, check=True).stdout
        place = {name: int(number) for name, number in (line.split("=") for line in shape.split())}
        whole = self.app[0].queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        x, y, width, height = self.extents(name)
        return (place["X"] + (place["WIDTH"] - whole.width) // 2 + x, place["Y"] + (place["HEIGHT"] - whole.height) // 2 + y,
                width, height)

    def drag(self, name, start, end):
        """Drags inside the widget @name, from and to fractions of its size."""
        x, y, width, height = self.extents(name)
        window = self.x_window()

        def at(point):
            return [str(int(x + width * point[0])), str(int(y + height * point[1]))]

        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        for step in (["mousemove", "--window", window, *at(start)], ["mousedown", "1"],
                     ["mousemove", "--window", window, *at(middle)],
                     ["mousemove", "--window", window, *at(end)], ["mouseup", "1"]):
            subprocess.run(["xdotool", *step], check=True)
            time.sleep(0.15)

    def press(self, name):
        """A click in the middle of @name, for what has no action of its own."""
        x, y, width, height = self.extents(name)
        at = [str(x + width // 2), str(y + height // 2)]
        subprocess.run(["xdotool", "mousemove", "--window", self.x_window(), *at, "click", "1"], check=True)

    def screenshot(self, path):
        subprocess.run(["import", "-window", "root", str(path)], check=True)

    # --- flows ---
    def create_case(self, path, passphrase, title="Square, 9 August", reviewer="Reviewer One"):
        self.click("Create Case")
        self.type_into("Title", title)
        self.type_into("Reviewer Name", reviewer)
        self.type_into("Location", str(path))
        self.type_into("Passphrase", passphrase)
        self.type_into("Repeat Passphrase", passphrase)
        self.click("Create")
        self.button("Import")

    def unlock(self, passphrase):
        self.type_into("Passphrase", passphrase)
        self.click("Unlock")
        self.button("Import")

    def lock_when_idle(self, minutes):
        """By the preferences. What is in a dialog can come to the tree after its name: setting nothing is no setting."""
        self.keys("ctrl+comma")
        self.find("Preferences")
        wait("the minutes to be set", lambda: self._set_value("Lock when idle", minutes))
        self.keys("Escape")
        wait("the preferences closed", lambda: not self.has("Lock when idle"))

    def _set_value(self, name, value):
        done = False
        for node in self.all(name):
            for widget in [node, *list(node)]:
                try:
                    widget.queryValue().currentValue = value
                    done = done or widget.queryValue().currentValue == value
                except NotImplementedError:
                    continue
        return done

    def import_path(self, path):
        self.click("Import")
        self.type_into("Location", str(path))
        self.click("Add Files")


class Tap:
    """Test Anything Protocol: one fact, one line."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, holds, what):
        self.count += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.count} - {what}", flush=True)

    def see(self, condition, what):
        """What must appear, and may take a while to be in the accessible tree."""
        try:
            wait(what, condition)
            self.check(True, what)
        except Missing:
            self.check(False, what)

    def settle(self, ask, expected, what):
        """As equal(), for what the accessible tree may say a little later."""
        found = None

        def is_so():
            nonlocal found
            found = ask()
            return found == expected

        try:
            wait(what, is_so)
        except Missing:
            pass
        self.equal(found, expected, what)

    def equal(self, found, expected, what):
        self.check(found == expected, what)
        if found != expected:
            print(f"# found {found!r}, expected {expected!r}", flush=True)

    def done(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def casectl(*arguments, passphrase_file):
    return subprocess.run([CASECTL, *map(str, arguments), "--passphrase-file", str(passphrase_file)],
                          capture_output=True, text=True)
