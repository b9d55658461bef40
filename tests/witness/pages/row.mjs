// A line of the table of the witnesses: what was asked, how often, and what came of it.

import { appendFileSync } from "node:fs";

export class Row {
  constructor(what) {
    this.what = what;
    this.agreements = 0;
    this.failures = [];
  }

  judge(good, where) {
    if (good) this.agreements += 1;
    else this.failures.push(where);
  }

  write() {
    const { what, agreements, failures } = this;
    if (agreements + failures.length === 0) failures.push("nothing was looked at at all");
    const cases = agreements + failures.length;
    const line = { witness: "pages", what, cases, agreements, exceptions: [], failures };
    appendFileSync(process.env.WITNESS_ROWS, JSON.stringify(line) + "\n");
    const failed = failures.length > 0 ? `, ${failures.length} FAIL` : "";
    console.log(`pages: ${what}: ${cases} cases, ${agreements} agree${failed}`);
    for (const failure of failures.slice(0, 20)) console.error(`  ${failure}`);
  }
}
