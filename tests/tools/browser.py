"""browser: Debian's Chromium on a page of the disk, with no network behind it.
SPDX-License-Identifier: GPL-3.0-or-later"""
import contextlib
import ctypes
import fcntl
import io
import os
import pathlib
import socket
import struct
import tempfile

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 120

# <sched.h>, <linux/sockios.h>, <linux/if.h>
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "no network of its own for the browser: unshare() is not permitted here")


def leave_network():
    """This process, and all that it starts from now on, has no network but its own lo: selenium asks its driver there."""
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET)
    if user != 0:
        for name, text in ("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1"):
            pathlib.Path("/proc/self", name).write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def interfaces(pid):
    """The network interfaces that the process @pid has."""
    lines = pathlib.Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    return [line.split(":")[0].strip() for line in lines]


def descendants(pid):
    """@pid, what it started, and so on: {pid: its command}."""
    parents, commands = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # "PID (COMMAND) STATE PARENT ..."
            command, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            if rest.split()[0] != "Z":
                parents[int(folder.name)], commands[int(folder.name)] = int(rest.split()[1]), command
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {one: commands[one] for one in found}


class Browser:
    """A driver with a few words more."""

    def __init__(self, driver):
        self.driver = driver
        self.run = driver.execute_script

    def open(self, path, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(path.as_uri() + fragment)
        self.wait("return 'ready' in document.documentElement.dataset")

    def wait(self, script, *args):
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda d: d.execute_script(script, *args))

    def emulate(self, **media):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def picture(self, element):
        """What is on the screen where @element is."""
        box = self.run("const r = arguments[0].getBoundingClientRect();"
                       "return [r.left, r.top, r.right, r.bottom].map(Math.round)", element)
        screen = Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")
        return screen.crop(box)

    def complaints(self):
        return [line for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]

    def networks(self):
        """The network interfaces of the driver and of all of the browser's processes: [(command, interfaces)]."""
        found = []
        for pid, command in descendants(self.driver.service.process.pid).items():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.append((command, interfaces(pid)))
        return found


@contextlib.contextmanager
def browser(width=1920, height=1200):
    """Chromium without a network: the first one takes it from the whole test program."""
    if interfaces("self") != ["lo"]:
        leave_network()
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    with tempfile.TemporaryDirectory(prefix="browser-test-") as home:
        for argument in ["--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
                         f"--user-data-dir={home}/profile", f"--window-size={width},{height}"]:
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        try:
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
            driver.set_script_timeout(PATIENCE)
            yield Browser(driver)
        finally:
            driver.quit()
