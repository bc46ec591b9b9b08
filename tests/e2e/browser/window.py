"""A window of a real browser, and what a visitor sees and does in it."""

import base64
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from local.paths import ROOT
from tests.e2e.running import Person, RunningShop, eventually

SCREENSHOTS = ROOT / ".local" / "screenshots"
PROGRAMS = (("chromium", "chromium-browser", "google-chrome"), ("chromedriver",))
DESKTOP, PHONE = (1280, 900), (360, 760)

# So that nothing but the shop is spoken to, and every window is like every other.
_OPTIONS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=en-US",
)

# What the browser itself says of an answer that is an error, or of none: the tests provoke them.
_TOLD_OF_ANSWERS = "Failed to load resource"


def programs() -> list[str]:
    """The browser and its driver, of those that there are."""
    found = [next(filter(None, map(shutil.which, names)), None) for names in PROGRAMS]
    return [program for program in found if program]


@contextmanager
def browser(downloads: Path) -> Iterator[Chrome]:
    """A running browser that downloads into a folder."""
    program, driver = programs()
    options = ChromeOptions()
    options.binary_location = program
    for option in (*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])):
        options.add_argument(option)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options, ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


@define
class Window:
    """A tab in which nobody has been yet. Every wait has a bound, and says what it waited for."""

    chrome: Chrome
    shop: RunningShop
    asked: set[str] = field(factory=set, init=False)
    """The origins that were spoken to, as far as `complaints` has read."""

    def __attrs_post_init__(self) -> None:
        old = self.chrome.current_window_handle
        data = {"origin": self.home.rstrip("/"), "storageTypes": "all"}
        self.chrome.execute_cdp_cmd("Storage.clearDataForOrigin", data)
        self.chrome.switch_to.new_window("tab")
        new = self.chrome.current_window_handle
        self.chrome.switch_to.window(old)
        self.chrome.close()
        self.chrome.switch_to.window(new)
        self.command("Emulation.setTimezoneOverride", timezoneId="UTC")
        self.size(DESKTOP)
        self.complaints()
        self.asked.clear()

    @property
    def home(self) -> str:
        return str(self.shop.described["storefront"])

    def command(self, name: str, **arguments: object) -> dict[str, Any]:
        """A command of Chrome's own protocol."""
        answer: dict[str, Any] = self.chrome.execute_cdp_cmd(name, arguments)
        return answer

    def size(self, width_and_height: tuple[int, int]) -> None:
        width, height = width_and_height
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def go(self, path: str = "") -> None:
        """Opens a page of the storefront, such as #/cart."""
        self.chrome.get(self.home + path)

    def reload(self) -> None:
        self.chrome.refresh()

    def run(self, script: str, *arguments: object) -> Any:
        return self.chrome.execute_script(script, *arguments)

    def sign_in(self, person: Person, path: str = "", password: str = "") -> None:
        """Opens a page, and signs in where it asks for it."""
        self.go(path)
        self.fill("User name or mail address", person.name)
        self.fill("Password", (password or person.password) + Keys.ENTER)
        if not password:
            self.finds("header nav")
            self.shop.secrets |= set(json.loads(self.run("return sessionStorage.session")).values())

    # What is seen

    def text(self) -> str:
        """What the page shows, without its frame."""
        return str(self.run("return document.querySelector('main')?.innerText ?? ''"))

    def sees(self, *words: str) -> None:
        """Waits until the page shows all these words."""
        try:
            eventually(f"the page to show {words}", lambda: all(word in self.text() for word in words))
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows: {self.text()}") from error

    def sees_no(self, words: str) -> None:
        eventually(f"the page not to show {words}", lambda: words not in self.text())

    def finds(self, css: str) -> WebElement:
        """The first element that fits, as soon as it can be seen."""
        return eventually(css, lambda: next((e for e in self.all(css) if _is_seen(e)), None))

    def all(self, css: str) -> list[WebElement]:
        return self.chrome.find_elements(By.CSS_SELECTOR, css)

    def texts(self, css: str) -> list[str]:
        """The texts of all elements that fit, at one moment."""
        script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)"
        return [str(text) for text in self.run(script, css)]

    def where(self) -> str:
        """The fragment of the address, which says which page is shown."""
        return str(self.run("return location.hash"))

    def focused(self) -> str:
        """The name that a screen reader says of what has the focus."""
        return self.chrome.switch_to.active_element.accessible_name

    # What is done

    def press(self, name: str) -> None:
        """Presses the button or link of this name, as soon as there is one."""
        eventually(f"a button or link {name!r}", lambda: self._press(name))

    def _press(self, name: str) -> bool:
        for element in self.chrome.find_elements(By.XPATH, "//a | //button"):
            try:
                if _is_seen(element) and name in (element.text.strip(), element.get_attribute("aria-label")):
                    element.click()
                    return True
            except StaleElementReferenceException:
                return False
        return False

    def fill(self, label: str, text: str) -> None:
        """Types into the field of this label, in the place of what stands there."""
        path = f"//input[@aria-label='{label}' or @id=//label[normalize-space()='{label}']/@for]"
        fields = eventually(label, lambda: self.chrome.find_elements(By.XPATH, path))
        fields[0].send_keys(Keys.CONTROL, "a")
        fields[0].send_keys(text)

    def type(self, *keys: str) -> None:
        """Types to whatever has the focus."""
        for key in keys:
            self.chrome.switch_to.active_element.send_keys(key)

    def screenshot(self, name: str) -> None:
        """Keeps a picture of the whole page under .local."""
        size = self.run("return [innerWidth, Math.min(document.documentElement.scrollHeight, 3000)]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        taken = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))

    # What the browser noted

    def complaints(self) -> list[str]:
        """The errors and refusals in the console since this was asked; notes who was spoken to."""
        for entry in self.chrome.get_log("performance"):
            message: Mapping[str, Any] = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                parts = urlsplit(message["params"]["request"]["url"])
                if parts.scheme in ("http", "https", "ws", "wss"):
                    self.asked.add(f"{parts.scheme}://{parts.netloc}")
        return [
            str(entry["message"])
            for entry in self.chrome.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING") and _TOLD_OF_ANSWERS not in entry["message"]
        ]


def _is_seen(element: WebElement) -> bool:
    try:
        return element.is_displayed()
    except StaleElementReferenceException:
        return False
