// The bags whose reports are looked at: one from the emulator, and two made by hand, full of hostile names. And receipts.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PROGRAM = process.env.AML_DSR;

/** Texts that try to be more than text, with what must be seen of each. */
export const HOSTILE = [
  ["<script>window.hostile = 1</script>", "<script>window.hostile = 1</script>"],
  ['"><img src="https://contoso.com/x.png" onerror="window.hostile = 1">', '"><img src="https://contoso.com/x.png" onerror="window.hostile = 1">'],
  ["</bdi></dd></dl><h1>taken over</h1>", "</bdi></dd></dl><h1>taken over</h1>"],
  ["</style></title><style>body{display:none}", "</style></title><style>body{display:none}"],
  ["&lt;b&gt; &amp; &#60;", "&lt;b&gt; &amp; &#60;"],
  ["annual\u202egnp.exe\u202c", "annual[U+202E]gnp.exe[U+202C]"],
  ["\u2067right\u2069 \u200fmark\u061c", "[U+2067]right[U+2069] [U+200F]mark[U+061C]"],
  ["nul\u0000 bell\u0007 esc\u001b[31m del\u007f c1\u0085", "nul[U+0000] bell[U+0007] esc[U+001B][31m del[U+007F] c1[U+0085]"],
  ["zero\u200bwidth\ufeff and \ufffe and \u{e0041}", "zero[U+200B]width[U+FEFF] and [U+FFFE] and [U+E0041]"],
  ["שלום עולם 123 (abc)", "שלום עולם 123 (abc)"],
  ["javascript:alert(1)", "javascript:alert(1)"],
  ["{{ 7 * 7 }} {% raw %} ${7*7}", "{{ 7 * 7 }} {% raw %} ${7*7}"],
  ["L" + "o".repeat(9_998) + "g", "L" + "o".repeat(299)],
];

const lines = (values) => values.map((value) => JSON.stringify(value) + "\n").join("");

/** The environment of a program, in which nothing of this machine's owner is left. */
function environment(home) {
  return { PATH: process.env.PATH, HOME: home, LC_ALL: "C.UTF-8", TZ: "UTC" };
}

export function run(home, ...args) {
  return execFileSync(PROGRAM, args, { env: environment(home), cwd: home, stdio: ["ignore", "pipe", "inherit"] });
}

/** What the emulator holds, exported. */
export function emulated(home) {
  run(home, "export", "--quiet", "--emulator", "--output", "emulated");
  return join(home, "emulated");
}

/** A receipt, with its page in a language: of what could be erased, what could only be disabled, and what is still held. */
export function receipt(home, language) {
  const plan = `erased-${language}.json`;
  const what = ["models", "pipeline-schedules", "pipeline-drafts"].flatMap((kind) => ["--kind", kind]);
  run(home, "delete", "--quiet", "--emulator", ...what, "--without-export", "--max-percent", "100", "--dry-run", "--plan-out", plan);
  const { digest } = JSON.parse(readFileSync(join(home, plan), "utf8"));
  const all = ["delete", "--emulator", "--plan", plan, "--confirm", digest.slice(0, 8), "--language", language, "--patience", "20"];
  const done = spawnSync(PROGRAM, all, { env: environment(home), cwd: home, encoding: "utf8" });
  // Images hold on to models, so that not everything ends well: the page has to say that too.
  if (done.status !== 3) throw new Error(`the delete ended with ${done.status}, and not with 3: ${done.stderr}`);
  return join(home, `erased-${language}.applied`);
}

/** A bag in which every text is hostile; of one person, when there is a subject. */
export function hostile(home, name, subject) {
  const bag = join(home, name);
  const file = "workspaces/w/runs.jsonl";
  mkdirSync(join(bag, "data/workspaces/w"), { recursive: true });
  const texts = HOSTILE.map(([text]) => text);
  const inventory = texts.map((text, index) => ({
    kind: index % 3 === 0 ? "runs" : index % 3 === 1 ? "models" : text.slice(0, 60),
    workspace: texts[index % 2],
    id: text,
    parent: { kind: "experiments", id: text },
    file: index === 10 ? text : file,
    line: index + 1,
    people: [
      { field: "createdBy/userName", as: "name", value: text },
      { field: text.slice(0, 40), as: text.slice(0, 40), value: text },
    ],
    times: [{ field: text.slice(0, 40), value: text }, { field: "createdUtc", value: "2026-11-21T10:00:00Z" }],
    bytes: index % 2 === 0 ? { path: null, left: text } : { path: `../../${text}`, length: 5 },
    redactions: [{ pointer: text, by: "net", rule: text }],
    ...(subject && index !== 1
      ? { match: { strength: index % 2 === 0 ? "exact" : "candidate", fields: [{ pointer: `/${text}`, form: "object-id", place: "text" }] } }
      : {}),
  }));
  const documents = texts.map((text) => ({ name: text, description: text, status: text, tags: { [text.slice(0, 40)]: text } }));
  const gaps = texts.map((text, index) => ({ workspace: "w", kind: text.slice(0, 60), parent: text, class: index === 0 ? "denied" : text.slice(0, 60), severity: index % 2 === 0 ? "gap" : "note", reason: text }));
  const coverage = texts.map((text) => ({ workspace: text, kind: text.slice(0, 60), status: text, items: 1, files: 0, gaps: 1, notes: 0, redactions: 0 }));
  writeFileSync(join(bag, "data/inventory.jsonl"), lines(inventory));
  writeFileSync(join(bag, "data", file), lines(documents));
  writeFileSync(join(bag, "data/gaps.jsonl"), lines(gaps));
  writeFileSync(join(bag, "data/coverage.jsonl"), lines(coverage));
  if (subject) {
    const identifiers = texts.map((value) => ({ form: "name", value }));
    const said = { identifiers, portability: true, masked: false, candidates: true };
    writeFileSync(join(bag, "data/subject.json"), JSON.stringify(said));
  }
  const scope = texts[0];
  writeFileSync(join(bag, "bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  writeFileSync(
    join(bag, "bag-info.txt"),
    `Bag-Software-Agent: ${texts[1]}\nAml-Dsr-Scope: ${scope}\nAml-Dsr-Cloud: ${texts[2]}\nContact-Name: ${texts[5]}\nAml-Dsr-Format: 1.0\n`,
  );
  // The report asks only whether a bag is finished; that its digests are right is for `verify` to say.
  writeFileSync(join(bag, "manifest-sha256.txt"), "");
  return bag;
}

/** A controller file that says everything, each time with a hostile text. */
export function controller(home) {
  const path = join(home, "controller.json");
  const facts = ["controller", "contact", "purposes", "recipients", "retention", "rights", "complaint"];
  const said = Object.fromEntries(facts.map((fact, index) => [fact, [HOSTILE[index][0], "Contoso"]]));
  writeFileSync(path, JSON.stringify(said));
  return path;
}
