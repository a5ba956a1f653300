// How long opening, drawing and decoding take: minima over repetitions.
//
//   swift run -c release datasets speed MIRROR       a mirror with cifar10 and image_folder/imagefolder-sample.tar
//   swift run -c release datasets decode FILE…       JPEGs, as they stand; Benchmarks/jpeg_decoding has the peers
//   swift run -c release datasets large DIRECTORY NAME SAMPLES    a data directory with an added data set
import Foundation

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("speed", 2): try measureSpeed(mirror: arguments.last!)
case ("decode", 2...): try measureDecoding(of: Array(arguments.dropFirst()))
case ("large", 4):
  let rest = Array(arguments.dropFirst())
  try measureLarge(directory: rest[0], name: rest[1], samples: Int(rest[2])!)
default:
  FileHandle.standardError.write(
    Data("usage: datasets speed MIRROR | decode FILE… | large DIRECTORY NAME SAMPLES\n".utf8))
  exit(2)
}

/// The least of several repetitions, in milliseconds.
func milliseconds(_ repetitions: Int, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try (0..<repetitions).map { _ in try clock.measure(body) / .milliseconds(1) }.min()!
}
