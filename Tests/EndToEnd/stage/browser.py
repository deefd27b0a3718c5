"""Chromium without a window, driven through its own driver."""

import json
import shutil

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

MISSING = "is missing; install Chromium and its driver (Debian's packages chromium and chromium-driver), or run Tests/Tools/setup"


def program(*names):
    found = next((path for path in map(shutil.which, names) if path), None)
    assert found, f"{names[0]} {MISSING}"
    return found


class Browser:
    """One page at a time; remembers what its console said and what it asked of whom."""

    def __init__(self, directory):
        options = webdriver.ChromeOptions()
        options.binary_location = program("chromium", "chromium-browser", "google-chrome")
        for argument in (
            "--headless=new",
            # As root, as in containers, Chromium starts without its sandbox only. It sees nothing but our own pages.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--hide-scrollbars",
            "--no-first-run",
            f"--user-data-dir={directory / 'profile'}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(program("chromedriver"), log_output=str(directory / "chromedriver.log"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(20)
        self.driver.set_script_timeout(20)

    def open(self, url):
        self.driver.get(url)

    def resize(self, width, height, scale=1):
        """The size of the page's view, in CSS pixels."""
        self._order(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False},
        )

    def prefer(self, scheme):
        """What the system is said to prefer: light or dark."""
        self._order("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """The text of the first element of that kind; empty where it is not shown."""
        return self.run(
            "const found = document.querySelector(arguments[0]);"
            "return found?.checkVisibility() ? found.innerText : '';",
            selector,
        )

    def table(self, table_id):
        """The rows of a table, each as its cells' texts."""
        return self.run(
            "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]"
            ".map(row => [...row.cells].map(cell => cell.innerText))",
            table_id,
        )

    def console(self):
        """What the console said since the last look."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def addresses(self):
        """Whatever was asked for over a network since the last look."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        # Chromium's own first page comes out of itself.
        return [url for url in asked if not url.startswith(("chrome:", "data:", "about:"))]

    def save(self, path):
        self.driver.save_screenshot(str(path))

    def close(self):
        self.driver.quit()

    def _order(self, command, parameters):
        self.driver.execute_cdp_cmd(command, parameters)
