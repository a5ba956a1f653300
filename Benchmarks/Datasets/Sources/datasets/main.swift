// How long opening, drawing and decoding take: minima over repetitions.
//
//   swift run -c release datasets MIRROR     a mirror with cifar10 and image_folder/imagefolder-sample.tar
//
// The peer for decoding is djpeg of libjpeg-turbo-progs over the same files, one process for each core:
//   tar xf imagefolder-sample.tar; time find train -name '*.jpg' | xargs -P "$(nproc)" -n 100 …
import Datasets
import Foundation

func milliseconds(_ repetitions: Int, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try (0..<repetitions).map { _ in try clock.measure(body) / .milliseconds(1) }.min()!
}

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: datasets MIRROR\n".utf8))
  exit(2)
}
let mirror = CommandLine.arguments[1]
let folder = FileManager.default.temporaryDirectory.appending(path: "emc-datasets-\(getpid())")
defer { try? FileManager.default.removeItem(at: folder) }

func library() -> DatasetLibrary { DatasetLibrary(directory: folder, mirror: mirror) }

let cifar = try library().open(.cifar10)
let open = try milliseconds(20) { _ = try library().open(.cifar10) }
print("open a cached data set:       \(open) ms")
for samples in [1_000, 10_000] {
  let draw = try milliseconds(20) {
    _ = try cifar.subset(samples: samples, key: SubsetKey(seed: 1, samples: samples, replicate: 0))
  }
  print("draw \(samples) CIFAR images: \(draw) ms")
}
let decode = try milliseconds(5) {
  let form = ImageForm(height: 32, width: 32)
  let fresh = DatasetLibrary(directory: folder.appending(path: UUID().uuidString), mirror: mirror)
  _ = try fresh.open(.imageFolder(path: "imagefolder-sample.tar", form: form))
}
print("decode and keep 2,000 JPEGs:  \(decode) ms")
