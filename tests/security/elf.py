"""Reads symbols of 64-bit little-endian ELF programs."""

import collections
import struct

SYMTAB = 2  # every symbol, unless the program was stripped
DYNSYM = 11  # what other modules of the process see

Section = collections.namedtuple("Section", "kind address offset size link entry_size")
# `section` is 0 for a symbol that the program wants from elsewhere.
Symbol = collections.namedtuple("Symbol", "name address section")


def sections(elf):
    """The sections of a program, given as bytes, in order."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF program")
    table, = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3A)
    found = []
    for i in range(count):
        _, kind, _, address, offset, length, link, _, _, entry = struct.unpack_from(
            "<IIQQQQIIQQ", elf, table + i * size)
        found.append(Section(kind, address, offset, length, link, entry))
    return found


def symbols(elf, kind):
    """Yields the symbols of the tables of a kind."""
    all_sections = sections(elf)
    for table in all_sections:
        if table.kind != kind:
            continue
        strings = all_sections[table.link].offset
        for at in range(table.offset, table.offset + table.size, table.entry_size):
            name, _, _, section, address, _ = struct.unpack_from("<IBBHQQ", elf, at)
            start = strings + name
            yield Symbol(elf[start:elf.index(b"\0", start)].decode(), address, section)
