"""Makes files with Pillow and NumPy, and what Pillow decodes them to: run beside the other fixtures.

images/<name>           a JPEG or PNG file
images/<name>.expected  height, width, channels as 32-bit little-endian numbers, then the pixels
"""
import io, struct, tarfile
from pathlib import Path

import numpy as np
from PIL import Image

target = Path(__file__).parent
images = target / "images"
images.mkdir(exist_ok=True)


def expect(name: str, image: Image.Image) -> None:
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    (images / f"{name}.expected").write_bytes(struct.pack("<3I", *pixels.shape) + pixels.tobytes())


# The first image of every class of the sample, and one of them resized.
with tarfile.open(target / "image_folder" / "sample.tar") as archive:
    first = {}
    for member in archive:
        first.setdefault(member.name.split("/")[1], member)
    decoded = {name: Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB")
               for name, member in first.items()}
for name, image in decoded.items():
    expect(f"sample-{name}", image)
cat = decoded["cat"]
expect("sample-cat-20x13", cat.resize((13, 20), Image.Resampling.BILINEAR))
expect("sample-cat-50x70", cat.resize((70, 50), Image.Resampling.BILINEAR))
expect("sample-cat-grey", cat.convert("L"))
# The middle part of 16 × 32, the largest of half the height, to 8 × 16.
expect("sample-cat-crop-8x16", cat.resize((16, 8), Image.Resampling.BILINEAR, box=(0, 8, 32, 24)))

generator = np.random.default_rng(1)
ramp = np.add.outer(np.arange(40) * 3, np.arange(56) * 2).astype(np.uint8)
colour = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=2)
noise = generator.integers(0, 256, (9, 7, 4), dtype=np.uint8)


def save(name: str, image: Image.Image, mode: str, **options) -> None:
    image.save(images / name, **options)
    expect(name, Image.open(images / name).convert(mode))


save("grey.jpg", Image.fromarray(ramp), "L", quality=90)
save("subsampled.jpg", Image.fromarray(colour), "RGB", quality=80, subsampling=2)
save("progressive.jpg", Image.fromarray(colour), "RGB", quality=80, progressive=True)
save("rgb.png", Image.fromarray(noise[:, :, :3]), "RGB")
save("grey.png", Image.fromarray(noise[:, :, 0]), "L")
save("palette.png", Image.fromarray(noise[:, :, :3]).quantize(16), "RGB")
Image.fromarray(noise).save(images / "transparent.png")
expect("transparent.png", Image.fromarray(noise[:, :, :3]))

arrays = target / "arrays"
arrays.mkdir(exist_ok=True)
pixels = generator.integers(0, 256, (12, 4, 5, 3), dtype=np.uint8)
labels = np.arange(12) % 3
np.savez(arrays / "images.npz", x_train=pixels[:8], y_train=labels[:8], x_test=pixels[8:], y_test=labels[8:, None])
np.savez_compressed(arrays / "features.npz", X=pixels.reshape(12, -1).astype(np.float64) / 7, y=labels.astype(np.uint8))
# Every type with the values -3, 0.5 (or 0), 2, 100 in three columns and the class.
for kind in ["<f2", "<f4", "<f8", ">f4", ">f8", "|i1", "<i2", ">i4", "<i8"]:
    values = np.array([[-3, 0.5, 2, 0], [100, 1, 2, 1]]).astype(kind)
    np.save(arrays / f"{kind[1:]}{'big' if kind[0] == '>' else ''}.npy", values)
np.save(arrays / "fortran.npy", np.asfortranarray(pixels.reshape(12, -1).astype(np.float32)))
np.save(arrays / "nan.npy", np.array([[1.0, np.nan, 0], [1, 2, 1]]))
