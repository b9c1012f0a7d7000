"""window.py: the real window, driven by AT-SPI and the keyboard as a person would."""
import os
import pathlib
import re
import signal
import subprocess
import time

import pyatspi

ROOT = pathlib.Path(os.environ["CSM_SOURCE_ROOT"])
CASEMENT = os.environ["CSM_CASEMENT"]
CASECTL = os.environ["CSM_CASECTL"]
PATIENCE = int(os.environ.get("CSM_PATIENCE", "90"))  # seconds until something that must appear is given up


class Missing(AssertionError):
    """Something that a person would look for is not there."""


def wait(what, condition, patience=PATIENCE):
    """The first true answer of condition(); fails by name when none comes."""
    end = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Missing(what)
        time.sleep(0.1)


def is_showing(node):
    """GTK 4.8 says VISIBLE where it means showing; pages that are not shown are not in the tree."""
    return node.getState().contains(pyatspi.STATE_VISIBLE)


def walk(node):
    """The node and all below it, depth first; what vanishes meanwhile is left out."""
    yield node
    try:
        children = [node.getChildAtIndex(i) for i in range(node.childCount)]
    except Exception:
        return
    for child in children:
        if child is not None:
            yield from walk(child)


class Window:
    """One run of the application."""

    def __init__(self, *arguments, trace=None, calls="socket,connect,bind", output=None, wrapper=()):
        command = [*wrapper, CASEMENT, *map(str, arguments)]
        if trace:
            command = ["strace", "-f", "--seccomp-bpf", "-q", "-y", "-s", "4096", "-e", f"trace={calls}",
                       "-o", str(trace), *command]
        self.known = {}
        self.process = subprocess.Popen(command, stdout=output, stderr=output,
                                        env=os.environ | {"G_DEBUG": os.environ.get("CSM_APP_DEBUG", "")})
        self._app = wait("the application on the accessibility bus", self._find_app)
        self.pid = self._app.get_process_id()
        wait("its window", lambda: self.x_window())

    def _find_app(self):
        for app in pyatspi.Registry.getDesktop(0):
            try:
                if app is not None and app.name == "casement" and app.get_process_id() > 0:
                    return app
            except Exception:
                continue
        return None

    @property
    def app(self):
        """The application: locking executes it anew, and its process comes back to the bus under another name."""
        try:
            self._app.get_process_id()
        except Exception:
            self.known.clear()
            self._app = wait("the application again", self._find_app)
        return self._app

    def x_window(self):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "casement"],
                               capture_output=True, text=True).stdout.split()
        return found[-1] if found else None

    def is_running(self):
        return pathlib.Path(f"/proc/{self.pid}").exists()

    def close(self):
        """Quits as a person does; a window that does not go is killed, which is a failure."""
        self.keys("ctrl+q")
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            raise

    # --- looking ---
    def all(self, name, role=None):
        for node in walk(self.app):
            try:
                if node.name == name and is_showing(node) and (role is None or node.getRole() in role):
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

    def rows(self, name):
        """Names of the rows that a list shows."""
        found = self.find(name, pyatspi.ROLE_LIST)
        return [node.name for node in walk(found) if node.getRole() == pyatspi.ROLE_LIST_ITEM]

    def shows(self, words):
        """Whether any label holds @words."""
        for node in walk(self.app):
            try:
                if words in (node.name or "") and is_showing(node):
                    return True
            except Exception:
                continue
        return False

    def text_like(self, pattern):
        """The first label that matches."""
        for node in walk(self.app):
            try:
                if re.search(pattern, node.name or "") and is_showing(node):
                    return node.name
            except Exception:
                continue
        return None

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
    def select(self, node):
        """A row of a list box."""
        parent = node.parent
        parent.querySelection().selectChild(node.getIndexInParent())

    def click_row(self, name, position):
        """A row of a list view, with the pointer: AT-SPI knows no way in GTK 4.8."""
        rows = [node for node in walk(self.find(name, pyatspi.ROLE_LIST)) if node.getRole() == pyatspi.ROLE_LIST_ITEM]
        found = rows[position].queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        middle = [str(int(found.x + found.width / 2)), str(int(found.y + found.height / 2))]
        subprocess.run(["xdotool", "mousemove", "--window", self.x_window(), *middle, "click", "1"], check=True)

    def type_into(self, name, text):
        node = self.find(name, pyatspi.ROLE_TEXT, pyatspi.ROLE_PASSWORD_TEXT, pyatspi.ROLE_ENTRY)
        node.queryEditableText().setTextContents(text)

    def keys(self, *keys):
        window = self.x_window()
        subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True)
        for key in keys:
            subprocess.run(["xdotool", "key", "--window", "0", key], check=True)
            time.sleep(0.03)

    def extents(self, name):
        return self.find(name).queryComponent().getExtents(pyatspi.WINDOW_COORDS)

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
