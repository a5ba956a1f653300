"""Makes images of every kind with what Pillow reads of them, and arrays as NumPy's users have them.

images/<name>.expected  height, width, channels as 32-bit little-endian numbers, then the pixels
arrays/own-*.npz, .npy  with the values that the tests state
"""
import io, struct, sys
from pathlib import Path

import numpy as np
from PIL import Image

target = Path(__file__).parent
images, arrays = target / "images", target / "arrays"
generator = np.random.default_rng(3)
rows, columns = np.mgrid[0:13, 0:11]
smooth = np.stack([rows * 18, columns * 22, (rows + columns) * 10], axis=2).astype(np.uint8)
noise = generator.integers(0, 256, (13, 11, 4), dtype=np.uint8)
wide = generator.integers(0, 65536, (13, 11, 4), dtype=np.uint16)


def expect(name, pixels=None):
    if pixels is None:
        pixels = Image.open(images / name).convert("RGB")
    pixels = np.asarray(pixels, dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    (images / f"{name}.expected").write_bytes(struct.pack("<3I", *pixels.shape) + pixels.tobytes())


def save(name, image, expected=None, **options):
    image.save(images / name, **options)
    expect(name, expected)


rgb, rgba = Image.fromarray(smooth), Image.fromarray(noise)
# WebP
save("lossy.webp", rgb, quality=80)
save("lossless.webp", Image.fromarray(noise[:, :, :3]), lossless=True)
save("alpha.webp", rgba, noise[:, :, :3], lossless=True, exact=True)
save("animated.webp", rgb, save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)], lossless=True)
# GIF
palette = rgb.quantize(16)
save("plain.gif", palette)
save("interlaced.gif", palette, interlace=1)
save("animated.gif", palette, save_all=True, append_images=[palette.transpose(Image.Transpose.ROTATE_180)])
save("grey.gif", Image.fromarray(noise[:, :, 0]))
save("transparent.gif", palette, transparency=3)


def gif(name, canvas, left, top, pixels, colours, transparent=None):
    """A frame smaller than its canvas, or beyond it, written after the specification, without compression."""
    code, bits, stream = 0, 0, bytearray()

    def put(value):
        nonlocal code, bits
        code |= value << bits
        bits += 9
        while bits >= 8:
            stream.append(code & 255)
            code, bits = code >> 8, bits - 8

    for index, value in enumerate(pixels.ravel()):
        if index % 200 == 0:
            put(256)
        put(int(value))
    put(257)
    stream.append(code & 255)
    content = b"GIF89a" + struct.pack("<2H3B", canvas[1], canvas[0], 0xf7, 0, 0) + colours
    if transparent is not None:
        content += b"\x21\xf9\x04" + struct.pack("<BHB", 1, 0, transparent) + b"\0"
    content += b"\x2c" + struct.pack("<4HB", left, top, pixels.shape[1], pixels.shape[0], 0) + b"\x08"
    for start in range(0, len(stream), 255):
        block = bytes(stream[start:start + 255])
        content += bytes([len(block)]) + block
    (images / name).write_bytes(content + b"\0\x3b")
    expect(name)


colours = bytes(generator.integers(0, 256, 768, dtype=np.uint8))
gif("part.gif", (13, 11), 2, 3, noise[:5, :6, 0], colours)
gif("part-transparent.gif", (13, 11), 2, 3, noise[:5, :6, 0], colours, transparent=9)
gif("beyond.gif", (4, 4), 2, 3, noise[:5, :6, 0], colours)
# BMP
save("colour.bmp", Image.fromarray(noise[:, :, :3]))
save("palette.bmp", palette)
save("grey.bmp", Image.fromarray(noise[:, :, 0]))
save("one-bit.bmp", Image.fromarray(noise[:, :, 0] > 127))
save("alpha.bmp", rgba, noise[:, :, :3])


def bmp(name, bits, data, height=13, masks=(), table=b"", old=False, header=40):
    """Written after Microsoft's description of BITMAPFILEHEADER and its followers."""
    if old:
        head = struct.pack("<IHHHH", 12, 11, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, 11, height, 1, bits, 3 if masks else 0, 0, 0, 0, len(table) // 4, 0)
        head += b"".join(struct.pack("<I", mask) for mask in masks)
        head += bytes(max(0, header - len(head)))
    head += table
    (images / name).write_bytes(b"BM" + struct.pack("<IHHI", 14 + len(head) + len(data), 0, 0, 14 + len(head)) + head + data)
    expect(name)


def lines(rows):
    return b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in rows)


bmp("top-down.bmp", 24, lines(noise[:, :, :3]), height=-13)
bmp("old.bmp", 24, lines(noise[:, :, :3]), old=True)
bmp("four-bits.bmp", 4, lines(noise[:, :6, 0]), table=bytes(generator.integers(0, 256, 64, dtype=np.uint8)))
bmp("fifteen-bits.bmp", 16, lines(wide[:, :, 0].astype("<u2")))
bmp("sixteen-bits.bmp", 16, lines(wide[:, :, 0].astype("<u2")), masks=(0xf800, 0x7e0, 0x1f))
bmp("masks.bmp", 32, lines(noise), masks=(0xff, 0xff00, 0xff0000, 0xff000000), header=56)
# TIFF
for compression in ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
    save(f"{compression}.tif", Image.fromarray(noise[:, :, :3]), compression=compression)
save("jpeg.tif", rgb, compression="jpeg", quality=90)
save("grey.tif", Image.fromarray(noise[:, :, 0]), noise[:, :, 0])
save("alpha.tif", rgba, noise[:, :, :3], compression="tiff_lzw")
save("palette.tif", palette)
save("one-bit.tif", Image.fromarray(noise[:, :, 0] > 127), (noise[:, :, 0] > 127).astype(np.uint8) * 255, compression="group4")
save("cmyk.tif", Image.fromarray(np.stack([smooth[:, :, 0], smooth[:, :, 1], smooth[:, :, 2], smooth[:, :, 0] // 4], axis=2), "CMYK"))
# 16 bits to 8 as PNG's specification says: floor(v * 255 / 65535 + 0.5). Pillow cuts what is above 255.
narrow = ((wide.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
save("grey16.tif", Image.fromarray(wide[:, :, 0]), narrow[:, :, 0])
save("pages.tif", rgb, smooth, save_all=True, append_images=[rgba.convert("RGB")])


def tiff(name, order, tags, data, expected):
    """A directory behind the pixels."""
    start = 8 + len(data)
    entries = b""
    tags = dict(tags) | {256: 11, 257: 13, 273: 8, 278: 13, 279: len(data)}
    for tag in sorted(tags):
        entries += struct.pack(order + "HHI", tag, 4 if tag in (273, 279) else 3, 1)
        entries += struct.pack(order + "I", tags[tag]) if tag in (273, 279) else struct.pack(order + "HH", tags[tag], 0)
    content = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, start) + data
    content += struct.pack(order + "H", len(tags)) + entries + bytes(4)
    (images / name).write_bytes(content)
    expect(name, expected)


tiff("big-endian.tif", ">", {258: 8, 259: 1, 262: 1, 277: 1}, noise[:, :, 0].tobytes(), noise[:, :, 0])
tiff("white-is-zero.tif", "<", {258: 8, 259: 1, 262: 0, 277: 1}, noise[:, :, 0].tobytes(), 255 - noise[:, :, 0])
tiff("grey16-big-endian.tif", ">", {258: 16, 259: 1, 262: 1, 277: 1}, wide[:, :, 0].astype(">u2").tobytes(), narrow[:, :, 0])
# What must be refused: numbers that aren't bytes.
Image.fromarray(smooth[:, :, 0].astype(np.float32) / 255).save(images / "float.tif")

# Orientations: what the camera stored, and how it is looked at.
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = orientation
    for ending, options in [("png", {}), ("webp", {"lossless": True}), ("jpg", {"quality": 95})]:
        if ending != "jpg" and orientation != 6:
            continue
        name = f"orientation-{orientation}.{ending}"
        rgb.save(images / name, exif=exif, **options)
        from PIL import ImageOps
        expect(name, ImageOps.exif_transpose(Image.open(images / name)).convert("RGB"))
rgb.save(images / "orientation-6.tif", tiffinfo={274: 6})
expect("orientation-6.tif", np.rot90(smooth, -1))

# Arrays.
x = generator.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)
y = np.array([3, 1, 2] * 4)
np.savez(arrays / "own-channels-first.npz", images=np.ascontiguousarray(x.transpose(0, 3, 1, 2)), labels=y)
np.savez(arrays / "own-channels-last.npz", images=x, labels=y)
np.savez(arrays / "own-channels-either.npz", images=x[:, :3, :, :].transpose(0, 1, 2, 3)[:, :, :5, :], labels=y)
np.savez_compressed(arrays / "own-fortran-images.npz", X=np.asfortranarray(x), y=y.astype(float))
np.savez(arrays / "own-text-labels.npz", x=x, y=np.array(["cat", "dog", "ä"])[y - 1])
np.savez(arrays / "own-byte-labels.npz", data=x, target=np.array([b"cat", b"dog", b"eel"])[y - 1], target_names=np.array(["a", 1], dtype=object))
np.savez(arrays / "own-boolean-labels.npz", features=x.reshape(12, -1), targets=y > 1)
np.savez(arrays / "own-signs.npz", X=x.reshape(12, -1).astype(np.int64), y=np.where(y > 1, 1, -1).astype(np.int8))
np.savez(arrays / "own-one-hot.npz", x_train=x, y_train=np.eye(5, dtype=np.float32)[y], x_test=x[:3], y_test=np.eye(5, dtype=np.float32)[[4, 1, 2]])
np.savez(arrays / "own-soft-labels.npz", x=x, y=np.full((12, 3), 1 / 3))
np.savez(arrays / "own-positional.npz", x, y)
np.savez(arrays / "own-four-positional.npz", x, y, x[:4], y[:4])
np.savez(arrays / "own-validation.npz", x_train=x, y_train=y, x_val=x[:5], y_val=y[:5])
np.savez(arrays / "own-two-inputs.npz", data=x.reshape(12, -1), images=x, target=y)
np.save(arrays / "own-fortran-classes.npy", np.asfortranarray(np.column_stack([y * 10.0, np.arange(12) / 8, np.arange(12) * 1e9 + 0.5])))
np.save(arrays / "own-records.npy", np.zeros(4, dtype=[("a", "f4"), ("b", "i4")]))
np.save(arrays / "own-objects.npy", np.array([[1, "a"], [2, "b"]], dtype=object), allow_pickle=True)
np.save(arrays / "own-complex.npy", np.ones((4, 3), dtype=complex))
with open(arrays / "own-double-quotes.npy", "wb") as file:
    header = b'{"descr": u"<f8", "fortran_order": True, "shape": (4L, 3L)}'
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)
    file.write(np.asfortranarray(np.array([[0.5, 1, 7], [1.5, 2, 9], [2.5, 3, 7], [3.5, 4, 9]])).tobytes(order="F"))

# Two classes of two images in archives of each kind, small enough to mutate.
import tarfile, zipfile, subprocess
archives = target / "archives"
archives.mkdir(exist_ok=True)
small = {}
for label, name in enumerate(["train/cat/0.png", "train/cat/1.png", "train/dog/0.png", "test/dog/1.png"]):
    content = io.BytesIO()
    Image.fromarray(noise[label:label + 3, :4, :3]).save(content, "png")
    small[name] = content.getvalue()


def tar(name, members, format=tarfile.USTAR_FORMAT, **headers):
    with tarfile.open(archives / name, "w", format=format) as file:
        for path, data in members:
            member = tarfile.TarInfo(path)
            if isinstance(data, tuple):
                member.type, member.linkname = data
                file.addfile(member)
                continue
            member.size, member.pax_headers = len(data), headers
            file.addfile(member, io.BytesIO(data))


tar("two.tar", small.items())
content = (archives / "two.tar").read_bytes()
end = sum(512 + -(-len(data) // 512) * 512 for data in small.values())
(archives / "two.tar").write_bytes(content[:end + 1024])
subprocess.run(["zstd", "-q", "-f", archives / "two.tar"], check=True)
with zipfile.ZipFile(archives / "two.zip", "w", zipfile.ZIP_DEFLATED) as file:
    for name, data in small.items():
        file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
# As Windows' programs write names, and with what macOS adds.
with zipfile.ZipFile(archives / "names.zip", "w") as file:
    for name, data in small.items():
        entry = zipfile.ZipInfo("bilder\\" + name.replace("cat", "b\u00e4r").replace("/", "\\"), (2026, 1, 1, 0, 0, 0))
        entry.flag_bits = 0
        entry.filename = entry.filename.replace("\\", "/")
        file.writestr(entry, data)
    file.writestr("__MACOSX/bilder/train/b\u00e4r/._0.png", b"x")
content = bytearray((archives / "names.zip").read_bytes().replace("b\u00e4r".encode(), b"b\x84rx"))
for signature, flags in [(b"PK\3\4", 6), (b"PK\1\2", 8)]:
    place = content.find(signature)
    while place >= 0:
        content[place + flags + 1] &= ~8  # not UTF-8
        place = content.find(signature, place + 4)
(archives / "names.zip").write_bytes(content)
tar("links.tar", list(small.items()) + [("train/dog/2.png", (tarfile.SYMTYPE, "../cat/0.png")), ("train/dog/3.png", (tarfile.LNKTYPE, "train/cat/1.png"))])
tar("sparse.tar", small.items(), tarfile.PAX_FORMAT, **{"GNU.sparse.major": "1"})
tar("attributes.tar", small.items(), tarfile.PAX_FORMAT, **{"SCHILY.xattr.user.text": "\udcff\udcfe", "mtime": "1.5", "comment": "any"})
# 32 MiB of zeros.
for name, program in [("zeros.xz", ["xz", "-c"]), ("zeros.zst", ["zstd", "-q", "-c"])]:
    (archives / name).write_bytes(subprocess.run(program, input=bytes(32 << 20), capture_output=True, check=True).stdout)
