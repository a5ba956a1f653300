@_spi(Benchmarks) import Datasets
import Dispatch
import Foundation

/// Millions of pixels a second, files read before: on one thread, and on all cores at once.
func measureDecoding(of files: [String]) throws {
  let images = try files.map { Array(try Data(contentsOf: URL(filePath: $0))) }
  // Shares that keep a thread busy for some tenths of a second.
  var share = images
  while share.reduce(0, { $0 + $1.count }) < 4 << 20 { share += images }
  let pixels = Double(try ImageDecoding.decode(share)) / 1e6
  let alone = try milliseconds(5) { _ = try ImageDecoding.decode(share) }
  print("one thread: \((pixels / alone * 1e3).rounded()) Mpixels/s")
  let cores = ProcessInfo.processInfo.activeProcessorCount
  let together = milliseconds(5) {
    DispatchQueue.concurrentPerform(iterations: cores) { [share] _ in
      _ = try? ImageDecoding.decode(share)
    }
  }
  print("\(cores) threads: \((pixels * Double(cores) / together * 1e3).rounded()) Mpixels/s")
}
