import Datasets
import Foundation
import Testing

/// The files as their authors publish them, from a server on loopback that plays the public host.
@Suite("Published files over HTTP", .enabled(if: wholeDataDirectory != nil))
final class WholeDataTests {
  let folder: TemporaryFolder
  let server: FileServer
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    server = try FileServer(wholeDataDirectory!)
    library = DatasetLibrary(directory: folder.url, mirror: server.address)
  }

  deinit { server.stop() }

  func counts(_ labels: [Int32], _ classes: Int32) -> [Int] {
    (0..<classes).map { label in labels.count { $0 == label } }
  }

  @Test("MNIST: all 70,000 digits, first labels, class counts, pixel sums")
  func mnist() throws {
    let dataset = try library.open(.mnist)
    #expect(server.log.paths.contains("/mnist/train-images-idx3-ubyte.gz"))
    #expect((dataset.count, dataset.count(of: .test)) == (60_000, 10_000))
    let samples = try Samples(dataset)
    #expect(samples.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(
      counts(samples.labels, 10) == [5_923, 6_742, 5_958, 6_131, 5_842, 5_421, 5_918, 6_265, 5_851, 5_949])
    // Sums over the inflated files, taken with Python.
    let sums = samples.pixels.map { $0.reduce(0) { $0 + Int($1) } }
    #expect(sums.prefix(5) == [27_525, 31_095, 19_443, 17_135, 23_214])
    #expect(sums.reduce(0, +) == 1_567_298_545)
    let test = try Samples(dataset, .test).pixels.reduce(0) { $0 + $1.reduce(0) { $0 + Int($1) } }
    #expect(test == 264_923_200)
    // The moments that every tutorial gives.
    let subset = try dataset.subset(samples: 10, key: SubsetKey(seed: 0, samples: 10, replicate: 0))
    let moments = try #require(subset.moments)
    #expect(abs(moments.mean[0] - 0.1307) < 5e-5)
    #expect(abs(moments.deviation[0] - 0.3081) < 5e-5)
  }

  @Test("CIFAR-10: 22,000 photographs, class counts and pixel sums of every batch")
  func cifar() throws {
    let dataset = try library.open(.cifar10)
    #expect((dataset.count, dataset.count(of: .test)) == (20_000, 2_000))
    let samples = try Samples(dataset)
    #expect(
      counts(Array(samples.labels.prefix(10_000)), 10)
        == [1_014, 985, 923, 1_031, 1_017, 1_012, 989, 1_007, 1_007, 1_015])
    #expect(
      counts(Array(samples.labels.suffix(10_000)), 10)
        == [986, 1_015, 1_077, 969, 983, 988, 1_011, 993, 993, 985])
    // Sums over the batch files without their labels, taken with Python.
    let pixels = samples.pixels
    let sums = pixels.map { $0.reduce(0) { $0 + Int($1) } }
    #expect(sums.prefix(10_000).reduce(0, +) == 3_725_404_687)
    #expect(sums.suffix(10_000).reduce(0, +) == 3_703_251_414)
    // The first image's red plane.
    #expect(stride(from: 0, to: 3_072, by: 3).reduce(0) { $0 + Int(pixels[0][$1]) } == 131_724)
    #expect(counts(try Samples(dataset, .test).labels, 10) == [Int](repeating: 200, count: 10))
  }

  @Test("Adult: 32,561 rows, 7,841 of them with the higher income; the test file's 16,281")
  func adult() throws {
    let dataset = try library.open(.adult)
    #expect((dataset.count, dataset.count(of: .test)) == (32_561, 16_281))
    #expect(dataset.shape == .features(108))
    #expect(counts(try Samples(dataset).labels, 2) == [24_720, 7_841])
    #expect(counts(try Samples(dataset, .test).labels, 2) == [12_435, 3_846])
  }

  @Test("Covertype: 15,120 rows of 54 features, 2,160 of each class")
  func covertype() throws {
    let dataset = try library.open(.covertype())
    #expect(dataset.count == 15_120)
    #expect(dataset.shape == .features(54))
    let samples = try Samples(dataset)
    #expect(counts(samples.labels, 7) == [Int](repeating: 2_160, count: 7))
    #expect(samples.values[0].prefix(4) == [2_596, 51, 3, 258])
  }

  @Test("the image folder: 2,000 images, each class's mean colour as Pillow decodes it")
  func imageFolder() throws {
    let dataset = try library.open(
      .imageFolder(path: "imagefolder-sample.tar", form: ImageForm(height: 32, width: 32)))
    let samples = try Samples(dataset)
    #expect(counts(samples.labels, 10) == [Int](repeating: 200, count: 10))
    let expected = [
      [140.082, 145.959, 151.661], [120.744, 115.81, 114.558], [124.646, 125.627, 109.158],
      [124.404, 115.658, 104.619], [115.189, 116.057, 93.059], [127.544, 119.136, 106.068],
      [119.944, 112.835, 87.52], [131.651, 125.015, 109.127], [124.987, 134.871, 141.257],
      [124.134, 119.676, 117.626],
    ]
    var sums = [[Int]](repeating: [0, 0, 0], count: 10)
    for (pixels, label) in zip(samples.pixels, samples.labels) {
      for (element, pixel) in pixels.enumerated() { sums[Int(label)][element % 3] += Int(pixel) }
    }
    for (label, means) in expected.enumerated() {
      for channel in 0..<3 {
        let mean = Double(sums[label][channel]) / (200 * 1_024)
        #expect(abs(mean - means[channel]) < 0.02, "class \(label), channel \(channel)")
      }
    }
  }
}
