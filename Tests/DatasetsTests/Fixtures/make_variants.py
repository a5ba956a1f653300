"""Makes the rarer forms of each format, and what Pillow, tarfile and zipfile make of them.

images/<name>.expected  height, width, channels as 32-bit little-endian numbers, then the pixels
tars/<name>.tar.gz      two classes with one image each, whose names need the form's longer headers
arrays/<name>.npz       the arrays of arrays/images.npz in other forms of zip
"""
import ctypes, gzip, io, struct, sys, tarfile, zipfile, zlib
from pathlib import Path

import numpy as np
from PIL import Image

target = Path(__file__).parent
images = target / "images"
generator = np.random.default_rng(2)


def expect(name: str, pixels: np.ndarray) -> None:
    pixels = np.asarray(pixels, dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    (images / f"{name}.expected").write_bytes(struct.pack("<3I", *pixels.shape) + pixels.tobytes())


# JPEG with four inks. Pillow writes plain CMYK; libjpeg-turbo's own library writes YCCK.
ramp = np.add.outer(np.arange(40) * 3, np.arange(56) * 2).astype(np.uint8)
inks = np.stack([ramp, ramp[::-1], ramp[:, ::-1], ramp // 2], axis=2)
Image.fromarray(inks, "CMYK").save(images / "cmyk.jpg", quality=95)
expect("cmyk.jpg", Image.open(images / "cmyk.jpg").convert("RGB"))

turbo = ctypes.CDLL("libturbojpeg.so.0")
turbo.tjInitCompress.restype = ctypes.c_void_p
stored = np.ascontiguousarray(255 - inks)  # as Adobe's programs store them
buffer, size = ctypes.c_void_p(), ctypes.c_ulong()
TJPF_CMYK, TJSAMP_420 = 11, 2
assert turbo.tjCompress2(
    ctypes.c_void_p(turbo.tjInitCompress()), stored.ctypes.data_as(ctypes.c_void_p), 56, 0, 40, TJPF_CMYK,
    ctypes.byref(buffer), ctypes.byref(size), TJSAMP_420, 95, 0) == 0
(images / "ycck.jpg").write_bytes(ctypes.string_at(buffer, size.value))
expect("ycck.jpg", Image.open(images / "ycck.jpg").convert("RGB"))

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(name: str, pixels: np.ndarray, colour: int, interlaced: bool = False, gamma: int = 0) -> None:
    """Written after the specification, since Pillow writes neither 16-bit colour nor interlaced files."""
    depth = pixels.dtype.itemsize * 8

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    passes = [pixels[y::down, x::right] for x, y, right, down in ADAM7] if interlaced else [pixels]
    rows = b"".join(b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes()
                    for part in passes if part.size for row in part)
    header = struct.pack(">2I5B", pixels.shape[1], pixels.shape[0], depth, colour, 0, 0, int(interlaced))
    ancillary = chunk(b"gAMA", struct.pack(">I", gamma)) if gamma else b""
    (images / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + ancillary
                                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


noise = generator.integers(0, 256, (13, 11, 4), dtype=np.uint8)
wide = generator.integers(0, 65536, (13, 11, 4), dtype=np.uint16)
png("interlaced.png", noise[:, :, :3], 2, interlaced=True)
expect("interlaced.png", Image.open(images / "interlaced.png").convert("RGB"))
png("rgb16.png", wide[:, :, :3], 2)
expect("rgb16.png", Image.open(images / "rgb16.png").convert("RGB"))
# 16 bits to 8 as the specification's section on scaling samples says: floor(v * 255 / 65535 + 0.5).
narrow = ((wide.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
for name, channels, colour, interlaced in [
    ("rgb16-interlaced", 3, 2, True), ("rgba16", 4, 6, False), ("rgba16-interlaced", 4, 6, True),
    ("grey16-alpha", 2, 4, False),
]:
    png(f"{name}.png", wide[:, :, :channels], colour, interlaced)
    expect(f"{name}.png", narrow[:, :, : 3 if colour & 2 else 1])
# A file's gamma changes nothing, as in Pillow.
png("gamma.png", noise[:, :, :3], 2, gamma=100_000)
expect("gamma.png", Image.open(images / "gamma.png").convert("RGB"))
png("grey16.png", wide[:, :, 0], 0)
expect("grey16.png", np.asarray(Image.open(images / "grey16.png")).astype(np.uint32) >> 8)
Image.fromarray(noise[:, :, :2], "LA").save(images / "grey-alpha.png")
expect("grey-alpha.png", noise[:, :, 0])
Image.fromarray(noise[:, :, 0] > 127).save(images / "one-bit.png")
expect("one-bit.png", Image.open(images / "one-bit.png").convert("L"))
indexed = Image.fromarray(noise[:, :, :3]).quantize(16)
indexed.save(images / "palette-alpha.png", transparency=3)
expect("palette-alpha.png", Image.open(images / "palette-alpha.png").convert("RGB"))

tars = target / "tars"
tars.mkdir(exist_ok=True)
dot = io.BytesIO()
Image.fromarray(noise[:2, :2, :3]).save(dot, "PNG")


def pack(name: str, classes: list[str], form: int, change=lambda bytes: bytes, **options) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=form) as archive:
        for word in classes:
            member = tarfile.TarInfo(f"./train/{word}/image.png")
            member.size = len(dot.getvalue())
            member.pax_headers = options
            archive.addfile(member, io.BytesIO(dot.getvalue()))
    content = change(content.getvalue())
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = [member for member in archive if member.isfile()]
        assert [member.name for member in members] == [f"./train/{word}/image.png" for word in classes]
        assert all(archive.extractfile(member).read() == dot.getvalue() for member in members)
    with open(tars / f"{name}.tar.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content.rstrip(b"\0") + bytes(1024 + -len(content.rstrip(b"\0")) % 512))


def base256(archive: bytes) -> bytes:
    """The first header's size in GNU's form for more than eight gigabytes."""
    header = bytearray(archive[:512])
    header[124:136] = bytes([0x80]) + int(header[124:135], 8).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + archive[512:]


long = "a" * 90
pack("ustar-prefix", [f"{long}", "b"], tarfile.USTAR_FORMAT)
pack("gnu-long", [f"{long}/{long}", "b"], tarfile.GNU_FORMAT)
pack("gnu-base256", ["a", "b"], tarfile.GNU_FORMAT, base256)
pack("pax", [f"{long}/{long}", "ünïcode"], tarfile.PAX_FORMAT, size=str(len(dot.getvalue())), comment="a=b")

with np.load(target / "arrays" / "images.npz") as arrays:
    content = {name: arrays[name] for name in arrays.files}


def zipped(name: str, stream) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, value in content.items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, value)


class Pipe(io.RawIOBase):
    """A stream that can't go back: sizes and checksums follow the members."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


with open(target / "arrays" / "streamed.npz", "wb") as file:
    zipped("streamed", Pipe(file))
zipfile.ZIP64_LIMIT = 20  # every size and place in the wider fields
zipped("zip64", target / "arrays" / "zip64.npz")
assert b"PK\6\6" in (target / "arrays" / "zip64.npz").read_bytes()
for name in ["streamed", "zip64"]:
    with np.load(target / "arrays" / f"{name}.npz") as arrays:
        assert all(np.array_equal(arrays[key], value) for key, value in content.items())

# The mean of each channel over the images of each class, as Pillow decodes the whole sample (first argument).
if len(sys.argv) > 1:
    means = {}
    with tarfile.open(sys.argv[1]) as archive:
        for member in archive:
            if member.isfile():
                pixels = np.asarray(Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB"))
                means.setdefault(member.name.split("/")[1], []).append(pixels.reshape(-1, 3).mean(axis=0))
    for word in sorted(means):
        print(word, np.mean(means[word], axis=0).round(3).tolist())
