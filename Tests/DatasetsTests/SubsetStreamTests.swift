import Compute
import Datasets
import Foundation
import Testing

/// Samples that are made when they are asked for are those of a draw that holds all of them.
@Suite("Streamed subsets")
struct SubsetStreamTests {
  let folder: TemporaryFolder
  let library: DatasetLibrary

  init() throws {
    folder = try TemporaryFolder()
    library = DatasetLibrary(
      directory: folder.url.appending(path: "data"), mirror: try Fixtures.mirror("mnist", "adult", in: folder)
    )
  }

  static let references: [DatasetReference] = [
    .gaussian(dimensions: 7, classes: 3), .teacher(TeacherOptions()), .mnist, .adult,
    .prototypes(
      {
        var options = PrototypeOptions()
        (options.height, options.width, options.channels) = (5, 4, 3)
        return options
      }()),
  ]

  @Test(
    "each position has the bits that it has among all, in every regime",
    arguments: references, InputRegime.allCases)
  func bits(reference: DatasetReference, inputs: InputRegime) throws {
    let dataset = try library.open(reference)
    for standardization in Standardization.allCases {
      for sampling in Sampling.allCases {
        var request = SubsetRequest(
          samples: 60, key: SubsetKey(seed: 3, samples: 60, replicate: 1), inputs: inputs,
          standardization: standardization)
        request.sampling = sampling
        let whole = try dataset.subset(request)
        #expect(whole.stream == nil)
        request.residentSamples = 11
        let part = try dataset.subset(request)
        #expect(part.labels == whole.labels && part.indices == whole.indices && part.moments == whole.moments)
        let width = whole.shape.count
        #expect(part.inputs.array == Array(whole.inputs.array.prefix(11 * width)))
        let positions: [Int32] = [59, 11, 30, 12, 58, 30]
        let rows = Buffer<Float>(count: positions.count * width)
        try positions.withUnsafeBufferPointer { try #require(part.stream).write($0, into: rows) }
        for (row, position) in positions.enumerated() {
          let expected = whole.inputs.array[Int(position) * width..<(Int(position) + 1) * width]
          #expect(Array(rows.array[row * width..<(row + 1) * width]) == Array(expected))
        }
      }
    }
  }

  @Test("of 20 million images of 64 × 64 × 3, a subset takes what the subset takes")
  func atScale() throws {
    var options = PrototypeOptions()
    (options.height, options.width, options.channels, options.classes) = (64, 64, 3, 1_000)
    let dataset = try library.open(.prototypes(options))
    // The last samples of all that a search may ask for, and the first: the same work.
    var request = SubsetRequest(
      samples: 20_000_000, key: SubsetKey(seed: 1, samples: 20_000_000, replicate: 0))
    request.residentSamples = 8
    let subset = try dataset.subset(request)
    #expect(subset.count == 20_000_000 && subset.inputs.count == 8 * 12_288)
    let rows = Buffer<Float>(count: 2 * 12_288)
    let positions: [Int32] = [19_999_999, 8]
    try positions.withUnsafeBufferPointer { try #require(subset.stream).write($0, into: rows) }
    // Prototypes have mean 0 and deviation 1, and so has the noise.
    for row in 0..<2 {
      let image = rows.array[row * 12_288..<(row + 1) * 12_288].map(Double.init)
      let moments = populationMoments(image)
      #expect(abs(moments.mean) < 0.05 && abs(moments.deviation * moments.deviation - 2) < 0.1)
    }
  }
}
