"""Where `aml-dsr verify` and `bagit` differ on purpose, and why. RFC 8493 is the judge between them.

A rule holds for some classes of mutations only. Where verify is the stricter, each of its problems must be one of the
rule's (`every`), and one of them the one that the rule is about (`one`). Where bagit is, what it says must be the
rule's (`theirs`), and verify must have warned of it where the rule says so (`warned`).
"""

import re


class Rule:
    def __init__(self, name, why, kinds, one=None, every=None, theirs=None, warned=None):
        self.name, self.why, self.kinds = name, why, kinds
        self.one, self.every, self.theirs, self.warned = one, every or one, theirs, warned
        self.used = 0

    def explains(self, kind, ours, theirs):
        if kind not in self.kinds or ours.good == theirs.good:
            return False
        if theirs.good:
            return bool(self.one) and has(self.one, ours.problems) and all(re.search(self.every, one) for one in ours.problems)
        return bool(self.theirs) and has(self.theirs, [theirs.why]) and (not self.warned or has(self.warned, ours.warnings))


def has(pattern, lines):
    return any(re.search(pattern, line, re.DOTALL) for line in lines)


def explain(kind, ours, theirs):
    for rule in RULES:
        if rule.explains(kind, ours, theirs):
            rule.used += 1
            return rule
    return None


# The classes of `mutations` and `tag_mutations`, and that of the bags of the tests, to which anything may have been done.
TESTS = "a bag of the tests"
LINE, FORM, PATH = "a line of a manifest", "the form of a manifest", "a path in a manifest"
# What follows when an entry is not taken for the file that it means.
LEFT = r"|is there, but in no manifest$|: is not in manifest-\w+\.txt$"

RULES = [
    Rule(
        "bagit passes over lines that it cannot read",
        "it logs an error and approves; a line MUST be a digest and a path (2.1.3), and one that is not may be a lost entry",
        ("a byte of a manifest", "a length", FORM, TESTS),
        one=r"^(tag)?manifest-\w+\.txt: line \d+ is not a digest and a path$",
        every=r"^(tag)?manifest-\w+\.txt: (line \d+ is not a digest and a path|does not list manifest-\w+\.txt)$",
    ),
    Rule(
        "bagit lets a byte order mark pass",
        "UTF-8 tag files MUST NOT begin with one (2.3); bagit refuses it in bagit.txt alone",
        ("bag-info.txt", FORM, TESTS),
        one=r": begins with a byte order mark$",
    ),
    Rule(
        "bagit asks for a file in one manifest only",
        "since 1.0 every payload file MUST be listed in every payload manifest (3)",
        ("an extra file", LINE, TESTS),
        one=r": is not in manifest-\w+\.txt$",
        every=r": is not in manifest-\w+\.txt$|^tagmanifest-\w+\.txt: does not list manifest-\w+\.txt$",
    ),
    Rule(
        "bagit does not ask what a tag manifest lists",
        "it MUST list every payload manifest (2.2.1); else altering one and its files would go unnoticed",
        ("a byte of a manifest", LINE),
        one=r"^tagmanifest-\w+\.txt: does not list manifest-\w+\.txt$",
    ),
    Rule(
        "bagit takes payload entries from a tag manifest",
        "a tag manifest MUST NOT list any payload file (2.2.1)",
        (LINE, TESTS),
        one=r"which belongs into another manifest$",
        every=r"which belongs into another manifest$|: does not list manifest-\w+\.txt$" + LEFT,
    ),
    Rule(
        "bagit resolves .. in paths",
        "verify takes no path that goes up, even one that comes back: what it leads through is not what it says (5.1)",
        (PATH,),
        one=r"which is not inside the bag$",
        every=r"which is not inside the bag$|^data/inventory\.jsonl: line \d+ points at" + LEFT,
    ),
    Rule(
        "bagit strips white space from the end of a path",
        "a space belongs to the name, since only line feeds, carriage returns and percent signs are escaped (2.1.3)",
        (FORM,),
        one=r" : is in (a|the tag) manifest, but not there$",
        every=r" : is in (a|the tag) manifest, but not there$|: does not list manifest-|inventory\.jsonl: line \d+ points" + LEFT,
    ),
    Rule(
        "bagit overlooks links to folders",
        "it neither follows nor reports them; whoever copies the bag may get what no manifest names, even from outside (5.1)",
        ("a link",),
        one=r"^data/link: is (not a file|a link that leads out of the bag)$",
    ),
    Rule(
        "bagit takes two Unicode forms for one file",
        "a file that no manifest lists is beside the one that is listed; whichever of the two it reads last counts",
        ("a Unicode form", TESTS),
        one=r": is there, but in no manifest$",
    ),
    Rule(
        "bagit does not find a composed file by a decomposed entry",
        "it looks files up by their composed name but asks with the name as written; names SHOULD be compared in one form (6.1)",
        ("a Unicode form",),
        theirs=r"Could not read .*No such file",
        warned=r": a manifest writes its name in another Unicode form$",
    ),
    Rule(
        "bagit breaks lines in bag-info.txt at other characters",
        "form feeds and U+2028 end a line for Python; for BagIt line feeds and carriage returns alone do (2.3)",
        ("bag-info.txt",),
        theirs=r"bag-info\.txt contains invalid tag: B$",
    ),
    Rule(
        "bagit ignores tag manifests before 0.97",
        "a tag file that differs from its digest was altered, whatever version it claims",
        ("bagit.txt",),
        one=r"^bagit\.txt: was altered: ",
    ),
    Rule(
        "bagit takes more in bagit.txt than its two lines",
        "it MUST consist of exactly two lines in their order (2.1.1)",
        ("a length", "bagit.txt", TESTS),
        one=r"^bagit\.txt: is not the two lines that it must be$",
    ),
    Rule(
        "bagit approves of versions that are not written yet",
        "what a BagIt 1.1 would demand is not known, so a bag that claims it cannot be checked",
        ("bagit.txt",),
        one=r"^bagit\.txt: does not say a BagIt-Version from 0\.93 to 1\.0$",
    ),
    Rule(
        "bagit reads other encodings",
        "verify reads UTF-8, which is strongly RECOMMENDED (2.3), and says so rather than guess at names",
        ("bagit.txt",),
        one=r"^bagit\.txt: does not say Tag-File-Character-Encoding: UTF-8",
    ),
    Rule(
        "bagit wants the labels of bagit.txt in these very letters",
        "the examples of RFC 8493 (4) write BagIt-version, and so do bags",
        ("bagit.txt", "a byte of a tag file"),
        theirs=r"Missing required tag in bagit\.txt: (BagIt-Version|Tag-File-Character-Encoding)$",
    ),
    Rule(
        "bagit knows Payload-Oxum in these very letters",
        "reserved names are case-insensitive (2.2.2), so what it says counts",
        ("Payload-Oxum", "bag-info.txt"),
        one=r"^bag-info\.txt: Payload-Oxum says ",
    ),
    Rule(
        "bagit takes the first of several Payload-Oxum",
        "it MUST NOT be present more than once (2.2.2)",
        ("Payload-Oxum", TESTS),
        one=r"^bag-info\.txt: says Payload-Oxum more than once$",
    ),
]
