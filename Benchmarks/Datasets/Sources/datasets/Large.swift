import Datasets
import Foundation

/// Opening a data set of any size and drawing from it, with the memory that it took.
func measureLarge(directory: String, name: String, samples: Int) throws {
  let library = { DatasetLibrary(directory: URL(filePath: directory)) }
  let open = try milliseconds(20) { _ = try library().open(.stored(name: name)) }
  let dataset = try library().open(.stored(name: name))
  print("\(dataset.count!) samples of \(dataset.shape), opened in \(open) ms; resident \(resident) MB")
  let clock = ContinuousClock()
  for replicate in 0..<3 {
    let elapsed = try clock.measure {
      let key = SubsetKey(seed: 1, samples: samples, replicate: replicate)
      _ = try dataset.subset(samples: samples, key: key)
    }
    print("\(samples) samples drawn in \(elapsed / .milliseconds(1)) ms; peak resident \(peak) MB")
  }
  print("the subset itself is \((samples * dataset.shape.count * 4) >> 20) MB")
}

private func status(_ field: String) -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix(field) } ?? ""
  return (Int(line.filter(\.isNumber)) ?? 0) >> 10
}

private var resident: Int { status("VmRSS:") }
private var peak: Int { status("VmHWM:") }
