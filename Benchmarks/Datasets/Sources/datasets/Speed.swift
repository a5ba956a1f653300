import Datasets
import Foundation

/// Opening, drawing, and decoding an archive of images into a block file.
func measureSpeed(mirror: String) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "emc-datasets-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  func library() -> DatasetLibrary { DatasetLibrary(directory: folder, mirror: mirror) }

  let cifar = try library().open(.cifar10)
  let open = try milliseconds(20) { _ = try library().open(.cifar10) }
  print("open a cached data set:       \(open) ms")
  for samples in [1_000, 10_000] {
    let request = SubsetRequest(samples: samples, key: SubsetKey(seed: 1, samples: samples, replicate: 0))
    for threads in Set([1, ProcessInfo.processInfo.activeProcessorCount]).sorted() {
      let draw = try milliseconds(30) {
        _ = try cifar.subset(request, execution: DrawExecution(threads: threads))
      }
      print("draw \(samples) CIFAR images, \(threads) threads: \(draw) ms")
    }
  }
  let decode = try milliseconds(5) {
    let form = ImageForm(height: 32, width: 32)
    let fresh = DatasetLibrary(directory: folder.appending(path: UUID().uuidString), mirror: mirror)
    _ = try fresh.open(.imageFolder(path: "imagefolder-sample.tar", form: form))
  }
  print("decode and keep 2,000 JPEGs:  \(decode) ms")
}
