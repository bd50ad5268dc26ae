"""What is looked at on every page: axe, whether it fits, and whether a finger hits what it aims at."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import AXE_URL, SIZES

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK_AXE = """async (runOnly) => {
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) => `${id} (${help}): ` +
    nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)} ${node.any.map((check) => check.message).join("; ")}`)
      .join(" | "));
}"""
EVERYTHING = {"type": "tag", "values": STANDARDS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && (box.right > width + 1 || box.left < -1) && getComputedStyle(element).position !== "fixed";
  });
  return wide.slice(-4).map((element) => element.outerHTML.slice(0, 160));
}"""
BROKEN = """() => {
  const broken = [];
  for (const element of document.querySelectorAll("h1, h2, h3, legend, label, th, dt, .btn, .choice, .tile")) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text; text = texts.nextNode();)
      for (const word of text.data.matchAll(/[\\p{Script=Latin}\\p{Script=Cyrillic}]{4,}/gu)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
      }
  }
  for (const element of document.querySelectorAll(".choice, .whys .btn, .tile"))
    if (element.scrollWidth > element.clientWidth + 1) broken.push(`past its edge: ${element.textContent.trim()}`);
  return broken;
}"""
TOO_SMALL = """(least) => {
  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const small = [];
  for (const element of document.querySelectorAll(targets)) {
    const style = getComputedStyle(element);
    if (element.matches(".vh, .vh *") || style.visibility === "hidden" || !element.getClientRects().length) continue;
    if (element.matches("p a, li p a, td a.link, small a") && style.display === "inline") continue;
    const grips = [element, element.closest("label"), ...(element.labels ?? [])].filter(Boolean);
    // A button that covers its row (.pick::after) is as large as the row.
    if (getComputedStyle(element, "::after").position === "absolute") grips.push(element.closest(".row, li, tr"));
    const best = grips.filter(Boolean).map((grip) => grip.getBoundingClientRect())
      .reduce((a, b) => Math.min(b.width, b.height) > Math.min(a.width, a.height) ? b : a);
    if (Math.min(best.width, best.height) < least - 0.5)
      small.push(`${Math.round(best.width)}×${Math.round(best.height)} ${element.outerHTML.slice(0, 160)}`);
  }
  return small;
}"""


def look(
    page: Page, where: str, *, sizes: tuple[str, ...], finger: int, dark: bool = True, axe: bool = True
) -> list[str]:
    """Look at the page as it stands in each size, with axe in the last one, and at its colours in the dark.

    Gives what is wrong, a line each; `finger` is the least side in pixels of what is touched. Without `axe` only sizes
    are looked at: for a page that axe sees in another test.
    """
    found: list[str] = []
    for size in sizes:
        width, height = SIZES[size]
        if page.viewport_size != {"width": width, "height": height}:
            page.set_viewport_size({"width": width, "height": height})
        found += [f"{where} on {size} is too wide: {each}" for each in page.evaluate(TOO_WIDE)]
        found += [f"{where} on {size} breaks a word: {each}" for each in page.evaluate(BROKEN)]
        found += [f"{where} on {size} has a small target: {each}" for each in page.evaluate(TOO_SMALL, finger)]
    if not axe:
        return found
    page.add_script_tag(url=AXE_URL)
    found += [f"{where}: {each}" for each in page.evaluate(ASK_AXE, EVERYTHING)]
    if dark:
        page.emulate_media(color_scheme="dark")
        found += [f"{where} in the dark: {each}" for each in page.evaluate(ASK_AXE, COLOURS)]
        page.emulate_media(color_scheme="light")
    return found
