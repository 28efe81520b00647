"""A second reader and writer of stored objects, from section 1 of docs/formats.md alone.

It shares no code with Keyward: AES-GCM and HKDF are those of the Python package `cryptography` (OpenSSL).
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"KWO1"
VERSION = SUITE = 1
LARGEST_HEADER = 2048
LONGEST_NAMES = (128, 64, 1536)
WRAPPED = 60
INNER_LABEL = b"keyward inner data key v1\0"
OUTER_LABEL = b"keyward outer data key v1\0"
SEGMENT = 1 << 20
TAG = 16
LAYER_HEADER = 40


class Refused(Exception):
    """The object is not what it claims to be."""


def _name(text):
    return struct.pack(">H", len(text)) + text


def associated_data(names):
    return b"KWAD\x01" + b"".join(map(_name, names))


# --- AES-GCM with the nonce in front ---


def _seal(key, plaintext, associated_data):
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated_data)


def _open(key, sealed, associated_data, what):
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], associated_data)
    except InvalidTag:
        raise Refused(f"{what} does not open") from None


# --- layers ---


def _segment_sizes():
    """Of the first segment, and of all that follow."""
    yield SEGMENT - LAYER_HEADER
    while True:
        yield SEGMENT


def _nonce(prefix, index, last):
    return prefix + struct.pack(">IB", index, last)


def _layer_key(data_key, salt, associated_data):
    return AESGCM(HKDF(SHA256(), 32, salt, associated_data).derive(data_key))


def seal_layer(data_key, plaintext, associated_data):
    salt, prefix = os.urandom(32), os.urandom(7)
    key = _layer_key(data_key, salt, associated_data)
    layer = [bytes([LAYER_HEADER]) + salt + prefix]
    at = 0
    for index, size in enumerate(_segment_sizes()):
        piece = plaintext[at:at + size - TAG]
        at += len(piece)
        last = at == len(plaintext)
        layer.append(key.encrypt(_nonce(prefix, index, last), piece, None))
        if last:
            return b"".join(layer)


def open_layer(data_key, layer, associated_data):
    if len(layer) < LAYER_HEADER + TAG or layer[0] != LAYER_HEADER:
        raise Refused("no layer")
    salt, prefix = layer[1:33], layer[33:LAYER_HEADER]
    key = _layer_key(data_key, salt, associated_data)
    plaintext = []
    at = LAYER_HEADER
    for index, size in enumerate(_segment_sizes()):
        piece = layer[at:at + size]
        at += len(piece)
        last = at == len(layer)
        try:
            plaintext.append(key.decrypt(_nonce(prefix, index, last), piece, None))
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            raise Refused(f"segment {index} does not open") from None
        if last:
            return b"".join(plaintext)


# --- objects ---


class _Fields:
    """Takes a header apart from front to back."""

    def __init__(self, stored):
        self.stored = stored
        self.at = 0

    def take(self, size):
        piece = self.stored[self.at:self.at + size]
        if len(piece) != size:
            raise Refused("the header is cut off")
        self.at += size
        return piece

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def before(self):
        return self.stored[:self.at]


def new_header(scope_key, platform_key, names, numbers=(1, 1)):
    """A header, and the inner and outer data key in it; `names` are account, scope and object."""
    inner, outer = os.urandom(32), os.urandom(32)
    encoded = b"".join(map(_name, names))
    size = 8 + len(encoded) + 2 * (8 + WRAPPED)
    header = MAGIC + bytes([VERSION, SUITE]) + struct.pack(">H", size) + encoded
    header += struct.pack(">Q", numbers[0])
    header += _seal(scope_key, inner, INNER_LABEL + header)
    header += struct.pack(">Q", numbers[1])
    header += _seal(platform_key, outer, OUTER_LABEL + header)
    return header, inner, outer


def write_object(scope_key, platform_key, names, plaintext, change_inner=lambda layer: layer):
    """The bytes of an object, whose inner layer an attack may have changed before it was sealed."""
    header, inner, outer = new_header(scope_key, platform_key, names)
    data = associated_data(names)
    return header + seal_layer(outer, change_inner(seal_layer(inner, plaintext, data)), data)


def read_object(scope_key, platform_key, names, stored):
    """The plaintext. Refused if anything about the object is not as it must be, its names among it."""
    fields = _Fields(stored)
    if fields.take(4) != MAGIC or fields.take(2) != bytes([VERSION, SUITE]):
        raise Refused("no object of this version and suite")
    size = fields.number(2)
    if size > LARGEST_HEADER:
        raise Refused("the header is too large")
    found = []
    for longest in LONGEST_NAMES:
        length = fields.number(2)
        if not 0 < length <= longest:
            raise Refused("a name is empty or too long")
        found.append(fields.take(length))
    if tuple(found) != tuple(names):
        raise Refused("this is another object")
    if fields.number(8) == 0:
        raise Refused("no scope key")
    before = fields.before()
    inner = _open(scope_key, fields.take(WRAPPED), INNER_LABEL + before, "the inner data key")
    if fields.number(8) == 0:
        raise Refused("no platform key")
    before = fields.before()
    outer = _open(platform_key, fields.take(WRAPPED), OUTER_LABEL + before, "the outer data key")
    if fields.at != size:
        raise Refused("the size of the header does not add up")
    data = associated_data(names)
    return open_layer(inner, open_layer(outer, stored[size:], data), data)


def cut(layer):
    """A layer's own header, and its segments."""
    segments = []
    at = LAYER_HEADER
    for size in _segment_sizes():
        segments.append(layer[at:at + size])
        at += size
        if at >= len(layer):
            return layer[:LAYER_HEADER], segments


def layers(stored):
    """The header of an object, and its outer layer cut."""
    size = struct.unpack_from(">H", stored, 6)[0]
    return (stored[:size], *cut(stored[size:]))
