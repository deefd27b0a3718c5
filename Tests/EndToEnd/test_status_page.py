"""The status page in a browser: what it shows, that it keeps to itself, and that everybody can read it."""

from urllib.parse import urlsplit

import pytest

from stage.browser import Browser
from stage.traffic import account_id, text_request, texts
from stage.waiting import wait_until

DEAD_TOKEN = {"effect": "dead_token", "subcode": 463, "account": account_id(7)}
THROTTLE = {"effect": "throttle", "code": 613, "account": account_id(8), "retry_after_seconds": 30, "count": 1}
#: A text that must be shown as it is.
MARKUP = "<img src=x onerror=alert(1)>"

#: Each element with a text of its own whose contrast with what is behind it is too low, as text and ratio.
POOR_CONTRAST = """
const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] === 255) return color;
  }
  return [255, 255, 255];
};
const found = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!own || !element.checkVisibility() || element.closest(".hidden, .skip, noscript, title, option")) continue;
  const style = getComputedStyle(element);
  const color = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
  const [a, b] = [luminance(rgba(color)), luminance(behind(element))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < 4.5) found.push(`${element.textContent.trim()} ${ratio.toFixed(2)}`);
}
return found;
"""

#: What a screen reader would miss.
UNNAMED = """
const missing = [];
for (const table of document.querySelectorAll("table")) {
  if (!table.caption?.textContent.trim()) missing.push(`caption of ${table.id}`);
  for (const cell of table.querySelectorAll("th")) if (!cell.scope) missing.push(`scope in ${table.id}`);
}
for (const input of document.querySelectorAll("input")) if (!input.labels.length) missing.push(`label of ${input.id}`);
for (const button of document.querySelectorAll("button")) {
  if (button.checkVisibility() && !button.textContent.trim()) missing.push(`name of button ${button.id}`);
}
for (const svg of document.querySelectorAll("svg")) if (!svg.getAttribute("aria-label")) missing.push("name of a chart");
for (const section of document.querySelectorAll("section")) {
  const title = document.getElementById(section.getAttribute("aria-labelledby"));
  if (!title || !/^H[23]$/.test(title.tagName)) missing.push(`heading of ${section.id || section.className}`);
}
if (document.querySelectorAll("h1").length !== 1) missing.push("the one h1");
return missing;
"""


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path)
    yield browser
    browser.close()


@pytest.fixture
def worker(scene):
    """A worker with 40 requests sent, 3 that are wrong, and two accounts that wait."""
    scene.simulator.add_faults(DEAD_TOKEN, THROTTLE)
    worker = scene.start_worker({"kafka.properties.statistics.interval.ms": 200}).wait_until_ready()
    wrong = text_request("wrong-1", account=1)
    wrong["message"] = {MARKUP: "a secret text"}
    scene.topics.publish_requests(
        [
            *texts(40),
            wrong,
            text_request("wrong-2", account=2, message={"text": "x" * 1001}),
            text_request("dead-1", account=7),
            text_request("dead-2", account=7),
            text_request("slow-1", account=8),
        ]
    )
    scene.topics.publish([(b"1", b"{not JSON", [])])
    scene.results.wait_for(43, alive=[worker.process])
    return worker


def shown(browser, selector, text, timeout=15):
    return wait_until(lambda: text in browser.text(selector), f'{selector} shows "{text}"', timeout)


@pytest.mark.timeout(60)
def test_what_a_person_on_call_sees(scene, worker, browser):
    origin = f"http://127.0.0.1:{worker.admin_port}"
    browser.prefer("light")
    browser.resize(1440, 1000)
    browser.open(f"{origin}/")
    shown(browser, "#verdict-title", "Ready")
    shown(browser, "#verdict-reasons", "6 partitions, 1 account stopped, 1 account throttled")
    assert scene.topics.group in browser.text(".facts")

    # Numbers
    wait_until(lambda: ["40", "40"] == [row[-2:] for row in browser.table("results-table") if row[0] == "sent"][0], "40 sent")
    assert {row[0]: row[3] for row in browser.table("results-table")} == {
        "sent": "40", "rejected": "3", "failed": "0", "expired": "0", "unknown": "0",
    }
    assert [row[3] for row in browser.table("latency-table")] == ["43", "42"]
    assert {row[0]: row[1] for row in browser.table("endpoint-table")} == {
        "delivered": "40", "throttled": "1", "token not valid": "1",
    }
    assert browser.text("#figure-waiting") == "3"
    assert "40 sent, 3 rejected" in browser.run("return document.querySelector('#results-chart svg').ariaLabel")
    assert "Instagram takes calls" in browser.text("#endpoint-state")
    wait_until(lambda: sum(int(row[3]) for row in browser.table("partitions-table") if row[3] != "–") >= 40, "what is committed")
    wait_until(lambda: all(row[1] != "–" for row in browser.table("partitions-table")), "the lag of every partition")
    assert sum(int(row[2]) for row in browser.table("partitions-table")) == 3

    # Accounts that wait
    accounts = {row[0]: row for row in browser.table("accounts-table")}
    assert accounts.keys() == {account_id(7), account_id(8)}
    assert accounts[account_id(7)][1] == "Token not valid" and accounts[account_id(7)][3] == "when its token changes"
    assert accounts[account_id(7)][2].startswith("token: ") and accounts[account_id(7)][4] == "2"
    assert accounts[account_id(8)][1] == "Throttled" and accounts[account_id(8)][3].startswith("in ")
    assert "1 token not valid" in browser.text("#account-tally")

    # Dead letters
    letters = {row[2]: row for row in browser.table("letters-table")}
    assert letters.keys() == {"wrong-1", "wrong-2", "–"}
    assert letters["wrong-1"][1] == account_id(1) and letters["wrong-1"][3:5] == ["rejected", "invalid request"]
    assert letters["–"][4] == "malformed record"
    assert "2 invalid request" in browser.text("#letters-tally") and "1 malformed record" in browser.text("#letters-tally")
    page = browser.run("return document.documentElement.outerHTML")
    assert "a secret text" not in page and not scene.tokens.found_in(page.encode())

    check_looks(browser)
    check_look_up(browser)
    assert browser.run("return document.querySelectorAll('img').length") == 1, "what came from a request became markup"
    assert browser.console() == []
    others = [url for url in browser.addresses() if "{0.scheme}://{0.netloc}".format(urlsplit(url)) != origin]
    assert others == [], "the page asks others than its own worker"

    # The end
    scene.stop_worker(worker)
    shown(browser, "#stale", "The worker does not answer. Its last answer came at ")
    shown(browser, "#stale-age", " ago; everything below is from then.")
    assert "Not answering" in browser.run("return document.title")
    assert browser.table("results-table")[0][3] == "40", "what was known last stays"


def check_looks(browser):
    """Light, dark and narrow."""
    pages = {}
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        pages[scheme] = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert browser.run(POOR_CONTRAST) == [], scheme
    assert pages["light"] != pages["dark"]
    # The switch wins over the system, and is remembered.
    browser.run("document.querySelector('input[name=theme][value=light]').click()")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == pages["light"]
    browser.driver.refresh()
    shown(browser, "#verdict-title", "Ready")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == pages["light"]
    browser.run("document.querySelector('input[name=theme][value=auto]').click()")
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == pages["dark"]
    browser.resize(360, 740)
    wait_until(lambda: browser.run("return innerWidth") == 360, "the page is narrow")
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    browser.resize(1440, 1000)
    assert browser.run(UNNAMED) == []


def check_look_up(browser):
    """By keyboard, by a click, by address, and of what is not there."""
    field = browser.driver.find_element("id", "lookup-id")
    field.send_keys(account_id(7) + "\n")
    shown(browser, "#account-title", f"{account_id(7)}: token not valid")
    assert browser.run("return document.activeElement.id") == "account"
    facts = browser.text("#account-facts")
    assert "dead-1" in facts and "Waiting requests\n2" in facts
    browser.run(
        "[...document.querySelectorAll('#accounts-table button')].find(b => b.textContent === arguments[0]).click()",
        account_id(8),
    )
    shown(browser, "#account-title", f"{account_id(8)}: throttled")
    assert "slow-1" in browser.text("#account-facts")
    browser.driver.refresh()
    shown(browser, "#account-title", account_id(8))
    browser.run("document.getElementById('account-close').click()")
    assert browser.text("#account") == "" and browser.run("return location.hash") == ""
    field = browser.driver.find_element("id", "lookup-id")
    field.clear()
    field.send_keys("12345\n")
    shown(browser, "#lookup-problem", "this worker has nothing of account 12345")
    assert [entry for entry in browser.console() if "404" not in entry["message"]] == []
    field.clear()
    field.send_keys("abc\n")
    shown(browser, "#lookup-problem", "1 to 32 digits")
