// Looks at reports and receipts in Chromium: three languages, a wide and a narrow window, light and dark.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { controller, emulated, HOSTILE, hostile, receipt, run } from "./bags.mjs";
import { Row } from "./row.mjs";

// The packages are not beside this file, but where tests/witness/run put them.
const packages = createRequire(join(process.env.WITNESS_NODE, "package.json"));
const { chromium } = packages("playwright-core");
const { HtmlValidate, StaticConfigLoader } = packages("html-validate");
const AXE = readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");

const LANGUAGES = ["en", "fr", "nl"];
const WIDTHS = [1280, 390];
/** How much of a page a screenshot shows, in pixels: all that comes before the records, and some of them. */
const SHOWN = 9000;
/** Records of each kind that axe-core sees. */
const RECORDS = 2;
const SHOTS = join(process.env.WITNESS_CACHE, "pages");
const home = mkdtempSync(join(tmpdir(), "aml-dsr-pages-"));
mkdirSync(SHOTS, { recursive: true });

const rows = {
  html: new Row("the HTML is valid (html-validate)"),
  requests: new Row("no request but for the page itself, and no script runs"),
  axe: new Row("no violation of accessibility (axe-core)"),
  layout: new Row("nothing is wider than the window, nothing is lost on paper"),
  links: new Row("every link leads to a place of the page or a file of the bag"),
  hostile: new Row("hostile texts stay texts, and all of them can be seen"),
};

/** The pages: name, file, bag, and whether its texts are hostile. */
function write() {
  const facts = controller(home);
  const bags = [
    { name: "whole", bag: emulated(home), hostile: false, flags: [] },
    { name: "hostile", bag: hostile(home, "hostile", false), hostile: true, flags: [] },
    { name: "subject", bag: hostile(home, "subject", true), hostile: true, flags: ["--controller-file", facts] },
  ];
  const pages = bags.flatMap((bag) =>
    LANGUAGES.map((language) => {
      const file = join(home, `${bag.name}-${language}.html`);
      run(home, "report", bag.bag, "--language", language, "-o", file, ...bag.flags);
      return { ...bag, language, file };
    }),
  );
  const receipts = LANGUAGES.map((language) => {
    const bag = receipt(home, language);
    return { name: "receipt", bag, hostile: false, language, file: join(bag, "receipt.html") };
  });
  return [...pages, ...receipts, { ...bags[0], name: "in-the-bag", language: "en", file: join(bags[0].bag, "data/report.html") }];
}

const validator = new HtmlValidate(new StaticConfigLoader({ extends: ["html-validate:recommended", "html-validate:a11y"] }));

async function validate({ name, language, file }) {
  const report = await validator.validateString(readFileSync(file, "utf8"));
  const messages = report.results.flatMap((result) => result.messages);
  rows.html.judge(messages.length === 0, `${name} ${language}: ${messages.slice(0, 5).map((one) => `${one.ruleId} at ${one.line}:${one.column}: ${one.message}`).join("; ")}`);
}

async function look(browser, page, width, scheme) {
  const where = `${page.name} ${page.language} ${width} ${scheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const tab = await context.newPage();
  const address = pathToFileURL(page.file).href;
  const strange = [];
  tab.on("request", (request) => request.url() !== address && strange.push(request.url()));
  tab.on("dialog", (dialog) => { strange.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  tab.on("console", (message) => strange.push(`the console: ${message.text()}`));
  tab.on("pageerror", (error) => strange.push(`an error: ${error}`));
  await tab.goto(address, { waitUntil: "load" });
  if (scheme === "light") await shoot(tab, page, width);
  const facts = await tab.evaluate(() => ({
    language: document.documentElement.lang,
    scripts: document.querySelectorAll("script, iframe, img, object, embed, link, form, base").length,
    handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((attribute) => attribute.name.startsWith("on"))).length,
    ran: "hostile" in window,
    wide: document.documentElement.scrollWidth,
    links: [...document.querySelectorAll("a[href]")].map((link) => [link.getAttribute("href"), link.href]),
    ids: [...document.querySelectorAll("[id]")].map((one) => one.id),
    headings: [...document.querySelectorAll("h1, h2, h3, h4")].map((one) => Number(one.tagName[1])),
    text: document.body.textContent,
  }));
  rows.requests.judge(strange.length === 0 && !facts.ran, `${where}: ${strange.slice(0, 3).join(", ")}`);
  rows.requests.judge(facts.scripts === 0 && facts.handlers === 0, `${where}: ${facts.scripts} elements that load or act, ${facts.handlers} handlers`);
  rows.axe.judge(facts.language === page.language, `${where}: the language is said to be ${facts.language}`);
  rows.layout.judge(facts.wide <= width, `${where}: ${facts.wide} pixels wide`);
  if (width === WIDTHS[0] && scheme === "light") {
    checkLinks(page, facts, where);
    checkTexts(page, facts, where);
    await print(tab, page, where);
  }
  // Records are all made by one template, and axe-core needs a minute for a thousand of them: it sees the first of each
  // kind. What lies below the window is not drawn until it is needed, and axe-core shall see that too.
  await tab.evaluate((most) => {
    for (const item of document.querySelectorAll(`ol.records > li:nth-child(n + ${most + 1})`)) item.remove();
    for (const item of document.querySelectorAll("ol.records > li")) item.style.contentVisibility = "visible";
  }, RECORDS);
  await tab.evaluate(AXE);
  const { violations } = await tab.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  rows.axe.judge(violations.length === 0, `${where}: ${violations.map((one) => `${one.id} (${one.nodes.length}, first ${one.nodes[0].target} ${one.nodes[0].failureSummary})`).join("; ")}`);
  await context.close();
}

/** The page from its top on. Records are drawn when they come into sight, so the first ones are asked for. */
async function shoot(tab, page, width) {
  await tab.evaluate((most) => {
    for (const item of [...document.querySelectorAll("ol.records > li")].slice(0, most)) item.style.contentVisibility = "visible";
  }, 20);
  const path = join(SHOTS, `${page.name}-${page.language}-${width}.png`);
  await tab.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height: SHOWN } });
}

function checkLinks(page, facts, where) {
  const ids = new Set(facts.ids);
  rows.links.judge(ids.size === facts.ids.length, `${where}: an id stands for two places`);
  for (const [href, whole] of facts.links) {
    if (href.startsWith("#")) {
      rows.links.judge(ids.has(href.slice(1)), `${where}: ${href} is nowhere`);
      continue;
    }
    const url = new URL(whole);
    const path = url.protocol === "file:" ? fileURLToPath(url) : "";
    // A hostile bag names files that it does not hold; none of them may lie outside of it.
    const inside = path.startsWith(join(page.bag, "data") + "/");
    rows.links.judge(inside && (page.hostile || existsSync(path)), `${where}: ${href} leads to ${whole}`);
  }
}

function checkTexts(page, facts, where) {
  let last = 0;
  const jump = facts.headings.find((level) => { const bad = level > last + 1; last = level; return bad; });
  rows.layout.judge(jump === undefined, `${where}: a heading ${jump} stands too deep`);
  const hidden = facts.text.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe]/u);
  rows.hostile.judge(hidden === null, `${where}: a hidden character at ${hidden?.index}`);
  for (const [text, seen] of page.hostile ? HOSTILE : []) {
    rows.hostile.judge(facts.text.includes(seen), `${where}: ${JSON.stringify(text.slice(0, 60))} cannot be seen`);
  }
  rows.hostile.judge(!/o{400}/.test(facts.text), `${where}: a text of 10,000 characters is not cut`);
}

/** On paper: every record is there, and the page's own words too. */
async function print(tab, page, where) {
  await tab.emulateMedia({ media: "print" });
  const lost = await tab.evaluate(() => [...document.querySelectorAll("main section, ol.records > li, table")].filter((one) => one.getClientRects().length === 0).length);
  rows.layout.judge(lost === 0, `${where}: ${lost} parts are not printed`);
  if (page.name === "subject") await tab.pdf({ path: join(SHOTS, `${page.name}-${page.language}.pdf`), format: "A4" });
  await tab.emulateMedia({ media: null });
}

const flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
if (process.getuid?.() === 0) flags.push("--no-sandbox");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
try {
  for (const page of write()) {
    await validate(page);
    for (const width of WIDTHS) await look(browser, page, width, "light");
    await look(browser, page, WIDTHS[0], "dark");
  }
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
for (const row of Object.values(rows)) row.write();
console.log(`pages: the screenshots are in ${SHOTS}`);
