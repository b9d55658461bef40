"""What is done to the lines of manifests and of the other tag files that BagIt describes."""

from case import Unfit

OTHER = "0123456789abcdef" * 8


def line(change, tag=False):
    """A variant that changes one line of a manifest: digest and path become digest and path."""

    def variant(case):
        manifest = case.one(case.tag_manifests() if tag else case.manifests())
        case.change_line(manifest, change)

    return variant


def lines(change):
    """A variant that changes the list of lines, at a place drawn by lot."""

    def variant(case):
        manifest = case.one([*case.manifests(), *case.tag_manifests()])
        there = case.lines(manifest)
        if len(there) < 2:
            raise Unfit
        change(there, case.rng.randrange(len(there) - 1))
        case.put_lines(manifest, there)

    return variant


def deleted_everywhere(case):
    path = case.one(case.payload())
    for manifest in case.manifests():
        case.put_lines(manifest, [line for line in case.lines(manifest) if line[1] != path])


def duplicated(there, at):
    there.append(there[at])


def duplicated_with_dot(there, at):
    there.append((there[at][0], f"./{there[at][1]}"))


def duplicated_otherwise(there, at):
    there.append((OTHER[: len(there[at][0])], there[at][1]))


def swapped(there, at):
    (first, path), (second, other) = there[at], there[at + 1]
    there[at : at + 2] = [(second, path), (first, other)]


def of_nothing(there, at):
    there.append((there[at][0], "data/never/was.txt"))


def in_the_wrong_manifest(case):
    """A payload file moves from the payload manifest to the tag manifest of its algorithm."""
    manifest = case.one(case.manifests())
    tag_manifest = f"tag{manifest}"
    there = case.lines(manifest)
    moved = there.pop(case.rng.randrange(len(there)))
    case.put_lines(manifest, there)
    case.seal()
    case.put_lines(tag_manifest, [*case.lines(tag_manifest), moved])


def unlisted_manifest(case):
    """A tag manifest that does not speak of a payload manifest."""
    manifest = case.one(case.tag_manifests())
    unlisted = case.one(case.manifests())
    case.put_lines(manifest, [line for line in case.lines(manifest) if line[1] != unlisted])


def one_digit(digest, path):
    at = len(digest) // 2
    return digest[:at] + ("0" if digest[at] != "0" else "1") + digest[at + 1 :], path


def whole(change):
    """A variant that changes the bytes of a manifest."""

    def variant(case):
        manifest = case.one([*case.manifests(), *case.tag_manifests()])
        case.write(manifest, change(case.read(manifest)))

    return variant


def in_the_middle(insert):
    """A variant that puts bytes between two lines of a manifest."""

    def change(content):
        before, end, after = content.partition(b"\n")
        return before + end + insert + after

    return whole(change)


def separated(by):
    return whole(lambda content: content.replace(b"  ", by))


def tag_file(name, change):
    """A variant that changes the text of a tag file."""

    def variant(case):
        case.write(name, change(case.text(name)))

    return variant


def declared(version="1.0", encoding="UTF-8"):
    return tag_file("bagit.txt", lambda _: f"BagIt-Version: {version}\nTag-File-Character-Encoding: {encoding}\n")


def declaration(text):
    return tag_file("bagit.txt", lambda _: text)


def described(text):
    """A variant that puts text before the lines of bag-info.txt."""
    return tag_file("bag-info.txt", lambda there: text + there)


def summed(change):
    """A variant that says Payload-Oxum otherwise. `change` is given its number of bytes and of files."""

    def variant(case):
        found = [case.read(name) for name in case.payload()]
        right = f"{sum(map(len, found))}.{len(found)}"
        text = case.text("bag-info.txt")
        kept = "".join(line for line in text.splitlines(True) if not line.startswith("Payload-Oxum"))
        case.write("bag-info.txt", kept + change(sum(map(len, found)), len(found)).replace("RIGHT", right))

    return variant


def fetched(text):
    def variant(case):
        case.write("fetch.txt", text.replace("FILE", case.one(case.payload()).replace("\n", "%0A")))

    return variant


CLASSES = {
    "a line of a manifest": [
        lines(lambda there, at: there.pop(at)),
        deleted_everywhere,
        lines(duplicated),
        lines(duplicated_with_dot),
        lines(duplicated_otherwise),
        lines(lambda there, at: there.reverse()),
        lines(of_nothing),
        unlisted_manifest,
        in_the_wrong_manifest,
    ],
    "a digest in a manifest": [
        line(one_digit),
        line(one_digit, tag=True),
        lines(swapped),
        line(lambda digest, path: (digest.upper(), path)),
        line(lambda digest, path: (digest.upper(), path), tag=True),
        line(lambda digest, path: (digest[:-2], path)),
        line(lambda digest, path: (digest + "00", path)),
        line(lambda digest, path: (digest[:-1] + "g", path)),
    ],
    "a path in a manifest": [
        line(lambda digest, path: (digest, path + "x")),
        line(lambda digest, path: (digest, f"./{path}")),
        line(lambda digest, path: (digest, f"./{path}"), tag=True),
        line(lambda digest, path: (digest, f"../{path}")),
        line(lambda digest, path: (digest, f"/{path}")),
        line(lambda digest, path: (digest, f"data/../../../{path}")),
        line(lambda digest, path: (digest, path.replace("data/", "data/x/../", 1))),
        line(lambda digest, path: (digest, path.replace("/", "//", 1))),
        line(lambda digest, path: (digest, path.replace("/", "\\", 1))),
        line(lambda digest, path: (digest, f"~/{path}")),
        line(lambda digest, path: (digest, path.replace("%0A", "%0a") if "%" in path else path + "%")),
        line(lambda digest, path: (digest, path.rpartition("/")[0])),
    ],
    "the form of a manifest": [
        separated(b" *"),
        separated(b"\t"),
        separated(b"  \t  "),
        separated(b" "),
        whole(lambda content: content.replace(b"\n", b"\r\n")),
        whole(lambda content: content.replace(b"\n", b"\r")),
        whole(lambda content: content.removesuffix(b"\n")),
        whole(lambda content: content.replace(b"\n", b" \n", 1)),
        whole(lambda content: b"  " + content),
        whole(lambda content: b"\xef\xbb\xbf" + content),
        whole(lambda content: content.replace(b".", b"\xff", 1)),
        in_the_middle(b"\n \n"),
        in_the_middle(b"# a remark\n"),
        in_the_middle(b"nonsense\n"),
    ],
    "bagit.txt": [
        *(declared(version=version) for version in ("0.92", "0.93", "0.95", "0.96", "0.97", "1.1", "2.0", "1", "1.0.0", "x")),
        *(declared(encoding=encoding) for encoding in ("utf-8", "UTF8", "ISO-8859-1", "UTF-16", "none-such", "")),
        declaration("\ufeffBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        declaration("Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n"),
        declaration("BagIt-version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        declaration("BagIt-Version: 1.0\nBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        declaration("BagIt-Version: 1.0\n"),
        declaration("Tag-File-Character-Encoding: UTF-8\n"),
        declaration("BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n"),
        declaration("BagIt-Version: 1.0\rTag-File-Character-Encoding: UTF-8"),
        declaration("BagIt-Version 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        declaration("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nContact-Name: Zoe\n"),
        declaration("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nnonsense\n"),
        declaration(""),
    ],
    "bag-info.txt": [
        described("nonsense\n"),
        described("  nonsense\n"),
        described("Contact-Name: A\nContact-Name: B\n"),
        described("Contact-Name: A\n  and B\n\tand C\n"),
        described("Contact-Name: A\fB\n"),
        described("Contact-Name: A\u2028B\n"),
        described("\ufeff"),
        tag_file("bag-info.txt", lambda text: text.replace("\n", "\r\n")),
        tag_file("bag-info.txt", lambda text: text.replace("\n", "\r")),
        tag_file("bag-info.txt", lambda text: text.upper()),
        lambda case: case.write("bag-info.txt", b"Contact-Name: \xff\n" + case.read("bag-info.txt")),
    ],
    "Payload-Oxum": [
        summed(lambda size, count: f"Payload-Oxum: {size + 1}.{count}\n"),
        summed(lambda size, count: f"Payload-Oxum: {size}.{count + 1}\n"),
        summed(lambda size, count: f"payload-oxum: {size + 1}.{count}\n"),
        summed(lambda size, count: f"Payload-Oxum: {size}\n"),
        summed(lambda size, count: f"Payload-Oxum: +{size}.{count}\n"),
        summed(lambda size, count: "Payload-Oxum:\n"),
        summed(lambda size, count: "Payload-Oxum: many\n"),
        summed(lambda size, count: "Payload-Oxum: RIGHT\nPayload-Oxum: 1.1\n"),
        summed(lambda size, count: "Payload-Oxum: 1.1\nPayload-Oxum: RIGHT\n"),
        summed(lambda size, count: "Payload-Oxum:\n RIGHT\n"),
        summed(lambda size, count: "Payload-Oxum: RIGHT \n"),
        summed(lambda size, count: "Payload-Oxum : RIGHT\n"),
        summed(lambda size, count: ""),
    ],
    "fetch.txt": [
        fetched("https://contoso.com/x 12 FILE\n"),
        fetched("https://contoso.com/x - FILE\n"),
        fetched("https://contoso.com/x - ../FILE\n"),
        fetched("https://contoso.com/x - /etc/passwd\n"),
        fetched("contoso 12 FILE\n"),
        fetched("https:///x 12 FILE\n"),
        fetched("file:///x 12 FILE\n"),
        fetched("nonsense\n"),
        fetched("\nhttps://contoso.com/x 12 FILE\n"),
        fetched("https://contoso.com/x\t12\tFILE\r\n"),
        fetched(""),
    ],
}
