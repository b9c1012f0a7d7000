"""browser: Debian's Chromium on a page of the disk, with no network behind it.
SPDX-License-Identifier: GPL-3.0-or-later"""
import contextlib
import io
import os
import tempfile

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 120


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


@contextlib.contextmanager
def browser(width=1920, height=1200):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    with tempfile.TemporaryDirectory(prefix="browser-test-") as home:
        for argument in ["--headless=new", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND",
                         "--disable-background-networking", "--disable-component-update", "--no-first-run",
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
