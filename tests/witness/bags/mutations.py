"""What is done to good bags: bytes, lengths, names, files, letter case and Unicode form. See `tag_mutations` for the rest.

A class is a list of variants. Each changes the bag of a case, or raises Unfit when it finds nothing to change.
"""

import shutil
import unicodedata

from case import Unfit, other_case, other_form


def flip(case, name):
    content = bytearray(case.read(name))
    if not content:
        raise Unfit
    content[case.rng.randrange(len(content))] ^= 1 << case.rng.randrange(8)
    case.write(name, bytes(content))


def byte_of_payload(case):
    flip(case, case.one(case.payload()))


def byte_of_tag_file(case):
    flip(case, case.one(case.tags()))


def byte_of_manifest(case):
    flip(case, case.one(case.manifests()))


def byte_of_tag_manifest(case):
    flip(case, case.one(case.tag_manifests()))


def cut(case, names):
    name = case.one(names)
    content = case.read(name)
    if not content:
        raise Unfit
    case.write(name, content[: case.rng.randrange(len(content))])


def grow(case, names):
    name = case.one(names)
    case.write(name, case.read(name) + case.one([b"\n", b"x", b"\0", b"\n\n# more\n", b"x: y\n"]))


def rename_payload(case):
    name = case.one(case.payload())
    case.rename(name, name + case.one(["x", ".bak", "~", " ", "\u00e9"]))


def move_payload(case):
    name = case.one(case.payload())
    case.rename(name, f"data/elsewhere/{name.rsplit('/', 1)[1]}")


def swap_payload(case):
    first, second = case.rng.sample(case.payload(), 2)
    if case.read(first) == case.read(second):
        raise Unfit
    case.rename(first, "swap")
    case.rename(second, first)
    case.rename("swap", second)


def rename_tag_file(case):
    name = case.one(case.tags())
    case.rename(name, name + "x")


def rename_manifest(case):
    name = case.one([*case.manifests(), *case.tag_manifests()])
    case.rename(name, name.replace("sha256", "md5").replace("sha512", "sha1"))


def manifest_of_no_algorithm(case):
    name = case.one(case.manifests())
    case.rename(name, "manifest-contoso.txt")


def extra_payload(case):
    folder = case.one({name.rsplit("/", 1)[0] for name in case.payload()})
    case.write(f"{folder}/{case.one(['new.txt', '.hidden', 'Thumbs.db', 'a b', 'zweite Übung'])}", b"new\n")


def extra_folder(case):
    (case.bag / "data" / "empty" / "deep").mkdir(parents=True)


def extra_tag_file(case):
    case.write(case.one(["notes.txt", "extra/deep/notes.txt", ".hidden", "MANIFEST"]), b"new\n")


def extra_tag_folder(case):
    (case.bag / "nothing").mkdir()


def extra_manifest(case):
    """A second payload manifest, of another algorithm, that lists nothing."""
    case.write("manifest-sha1.txt", b"")


def extra_unknown_manifest(case):
    case.write("manifest-contoso.txt", b"0123  data/x\n")


def link_to_file(case):
    (case.bag / "data" / "link").symlink_to(case.bag / case.one(case.payload()))


def link_to_nothing(case):
    (case.bag / "data" / "link").symlink_to("nowhere")


def link_to_folder(case):
    (case.bag / "data" / "link").symlink_to(".", target_is_directory=True)


def link_to_folder_outside(case):
    (case.bag / "data" / "link").symlink_to("/", target_is_directory=True)


def file_becomes_link(case):
    """The bytes are the same; they lie beside the payload."""
    name = case.one(case.payload())
    case.rename(name, "moved/file")
    (case.bag / name).symlink_to(case.bag / "moved" / "file")


def file_becomes_link_outside(case):
    name = case.one(case.payload())
    outside = case.bag.parent / "outside"
    outside.write_bytes(case.read(name))
    case.remove(name)
    (case.bag / name).symlink_to(outside)


def missing_payload(case):
    case.remove(case.one(case.payload()))


def missing_tag_file(case):
    case.remove(case.one(name for name in case.tags() if name not in ("bagit.txt", "bag-info.txt")))


def missing(name):
    def remove(case):
        case.remove(name)

    return remove


def missing_manifest(case):
    case.remove(case.one(case.manifests()))


def missing_tag_manifest(case):
    case.remove(case.one(case.tag_manifests()))


def missing_payload_folder(case):
    # The copy is made of links, so the good bag keeps its files.
    shutil.rmtree(case.bag / "data")


def case_of_file(case):
    name = case.one(case.payload())
    case.rename(name, other_case(name))


def case_of_entry(case):
    name = case.one(case.payload())
    case.change_entry(name, other_case(name), [case.one(case.manifests())])


def case_of_both(case):
    name = case.one(case.payload())
    case.rename(name, other_case(name))
    case.change_entry(name, other_case(name))


def case_twice(case):
    """A second file, listed too, whose name differs in case alone."""
    name = case.one(case.payload())
    other = other_case(name)
    case.write(other, case.read(name))
    for manifest in case.manifests():
        lines = case.lines(manifest)
        case.put_lines(manifest, lines + [(digest, other) for digest, path in lines if path == name])


def case_of_manifest(case):
    name = case.one(case.manifests())
    case.rename(name, name.replace("manifest", "Manifest"))


def case_of_folder(case):
    case.rename("data", "Data")


def formed(case):
    """A name that has two forms."""
    forms = ("NFC", "NFD")
    return case.one(name for name in case.payload() if len({unicodedata.normalize(form, name) for form in forms}) == 2)


def form_of_file(case):
    name = formed(case)
    case.rename(name, other_form(name))


def form_of_entry(case):
    name = formed(case)
    case.change_entry(name, other_form(name))


def form_of_one_entry(case):
    name = formed(case)
    case.change_entry(name, other_form(name), [case.one(case.manifests())])


def form_of_both(case):
    name = formed(case)
    case.rename(name, other_form(name))
    case.change_entry(name, other_form(name))


def form_twice(case):
    """A second file, not listed, whose name differs in form alone, with other bytes."""
    name = formed(case)
    case.write(other_form(name), b"another\n")


def form_twice_listed(case):
    name = formed(case)
    other = other_form(name)
    case.write(other, case.read(name))
    for manifest in case.manifests():
        lines = case.lines(manifest)
        case.put_lines(manifest, lines + [(digest, other) for digest, path in lines if path == name])


def entry_in_both_forms(case):
    """One file, listed under both names."""
    name = formed(case)
    other = other_form(name)
    manifest = case.one(case.manifests())
    lines = case.lines(manifest)
    case.put_lines(manifest, lines + [(digest, other) for digest, path in lines if path == name])


def form_and_byte(case):
    name = formed(case)
    flip(case, name)
    case.rename(name, other_form(name))


CLASSES = {
    "a byte of the payload": [byte_of_payload],
    "a byte of a tag file": [byte_of_tag_file],
    "a byte of a manifest": [byte_of_manifest, byte_of_tag_manifest],
    "a length": [
        lambda case: cut(case, case.payload()),
        lambda case: grow(case, case.payload()),
        lambda case: cut(case, case.tags()),
        lambda case: grow(case, case.tags()),
        lambda case: cut(case, case.manifests()),
        lambda case: grow(case, case.manifests()),
        lambda case: cut(case, case.tag_manifests()),
        lambda case: grow(case, case.tag_manifests()),
    ],
    "a name": [
        rename_payload,
        move_payload,
        swap_payload,
        rename_tag_file,
        rename_manifest,
        manifest_of_no_algorithm,
    ],
    "an extra file": [
        extra_payload,
        extra_folder,
        extra_tag_file,
        extra_tag_folder,
        extra_manifest,
        extra_unknown_manifest,
    ],
    "a link": [
        link_to_file,
        link_to_nothing,
        link_to_folder,
        link_to_folder_outside,
        file_becomes_link,
        file_becomes_link_outside,
    ],
    "a missing file": [
        missing_payload,
        missing_tag_file,
        missing("bagit.txt"),
        missing("bag-info.txt"),
        missing_manifest,
        missing_tag_manifest,
        missing_payload_folder,
    ],
    "letter case": [case_of_file, case_of_entry, case_of_both, case_twice, case_of_manifest, case_of_folder],
    "a Unicode form": [
        form_of_file,
        form_of_entry,
        form_of_one_entry,
        form_of_both,
        form_twice,
        form_twice_listed,
        entry_in_both_forms,
        form_and_byte,
    ],
}
