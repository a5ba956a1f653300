"""Makes the small real files in this folder from the full ones (first argument: the folder that holds them).

Each is a beginning of the file that its authors publish, packed anew without a time stamp.
"""
import gzip, io, struct, sys, tarfile
from pathlib import Path

source = Path(sys.argv[1])
target = Path(__file__).parent


def pack(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)


def digits(name: str, count: int) -> None:
    content = gzip.open(source / "mnist" / name).read()
    dimensions = content[3]
    sizes = struct.unpack(f">{dimensions}I", content[4:4 + 4 * dimensions])
    item = 1
    for size in sizes[1:]:
        item *= size
    start = 4 + 4 * dimensions
    header = content[:4] + struct.pack(f">{dimensions}I", count, *sizes[1:])
    pack(target / "mnist" / name, header + content[start:start + count * item])


digits("train-images-idx3-ubyte.gz", 500)
digits("train-labels-idx1-ubyte.gz", 500)
digits("t10k-images-idx3-ubyte.gz", 100)
digits("t10k-labels-idx1-ubyte.gz", 100)

(target / "cifar10").mkdir(exist_ok=True)
packed = io.BytesIO()
with tarfile.open(source / "cifar10" / "cifar-10-binary.tar.gz") as whole, \
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as part:
    for member in whole:
        if member.isfile():
            content = whole.extractfile(member).read()
            if member.name.endswith(".bin"):
                content = content[:20 * 3073]
            member.size = len(content)
            part.addfile(member, io.BytesIO(content))
pack(target / "cifar10" / "cifar-10-binary.tar.gz", packed.getvalue())

(target / "adult").mkdir(exist_ok=True)
for name, rows in [("adult.data", 400), ("adult.test", 100)]:
    lines = (source / "adult" / name).read_bytes().splitlines(keepends=True)[:rows]
    (target / "adult" / name).write_bytes(b"".join(lines))

rows = gzip.open(source / "covertype" / "covtype.data.gz").read().splitlines(keepends=True)
pack(target / "covertype" / "covtype.data.gz", b"".join(rows[i] for i in range(0, len(rows), 40)))

(target / "image_folder").mkdir(exist_ok=True)
with tarfile.open(source / "image_folder" / "imagefolder-sample.tar") as whole, \
        tarfile.open(target / "image_folder" / "sample.tar", "w", format=tarfile.USTAR_FORMAT) as part:
    taken = {}
    for member in whole:
        name = member.name.split("/")[1]
        if taken.get(name, 0) < 3:
            taken[name] = taken.get(name, 0) + 1
            part.addfile(member, whole.extractfile(member))
