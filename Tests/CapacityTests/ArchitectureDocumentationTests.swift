import Capacity
import Compute
import Datasets
import Foundation
import Networks
import Synchronization
import Testing

/// The specifications of `docs/architectures.md`, as they stand there.
@Suite("docs/architectures.md") struct ArchitectureDocumentationTests {
  private static func text() throws -> String {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return try String(contentsOf: root.appending(path: "docs/architectures.md"), encoding: .utf8)
  }

  @Test("every example is admitted and has as many parameters as the page says")
  func examples() throws {
    let examples = try Self.text().matches(of: /(?s)```json\n(.*?)```\n\n([0-9,]+) parameters\./)
    #expect(examples.count == 5)
    for example in examples {
      let count = try #require(Int(String(example.2).replacing(",", with: "")))
      let admission = try Admission(json: JSONValue(parsing: String(example.1).utf8), memoryLimit: 64 << 30)
      #expect(admission.terms.parameterCount == count)
    }
  }

  /// What the page says of names.
  private static func names() throws -> String {
    let section = try text().split(separator: "\n## ").first { $0.hasPrefix("Names, start, and size\n") }
    return String(try #require(section))
  }

  /// The names in a zip archive's directory, arrays without what NumPy adds.
  private static func members(of archive: Data) -> Set<String> {
    let bytes = [UInt8](archive)
    let entries = bytes.indices.dropLast(46).filter {
      bytes[$0..<$0 + 4] == [0x50, 0x4b, 0x01, 0x02]
    }
    return Set(
      entries.map { entry in
        let length = Int(bytes[entry + 28]) | Int(bytes[entry + 29]) << 8
        return String(decoding: bytes[entry + 46..<entry + 46 + length], as: UTF8.self)
          .replacing(".npy", with: "")
      })
  }

  @Test("a saved network holds what the page names, and nothing else")
  func savedNames() throws {
    let specification = try MeasurementSpecification(
      json: JSONValue(
        parsing: #"""
          {"dataset": {"name": "prototypes", "height": 8, "width": 8, "channels": 2, "classes": 3},
           "training": {"max_steps": 20, "batch_size": 16},
           "model": {"kind": "sequential", "layers": [
             {"kind": "convolution", "channels": 4, "kernel": 3}, {"kind": "batch_normalization"}, {"kind": "relu"},
             {"kind": "squeeze_excitation", "ratio": 2},
             {"kind": "residual", "layers": [
               {"kind": "convolution", "channels": 6, "kernel": 3, "bias": false}, {"kind": "batch_normalization"}]},
             {"kind": "residual", "layers": [{"kind": "convolution", "channels": 8, "kernel": 1}]},
             {"kind": "patch_embedding", "patch": 4, "width": 8, "class_token": true},
             {"kind": "residual", "layers": [{"kind": "layer_normalization"}, {"kind": "attention", "heads": 2}]},
             {"kind": "layer_normalization"}, {"kind": "first_token"}, {"kind": "linear", "features": 5}]}}
          """#.utf8))
    let saved = Mutex<Set<String>>([])
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    _ = try LocalMeasurement(specification: specification, library: library, workers: 1)
      .run(sizes: [32], replicates: 1) { network in
        let archive = try network.npz()
        let members = Self.members(of: archive)
        saved.withLock { $0 = members }
      }
    // Layers by their place, and inside a residual as outside.
    let names = Set(
      saved.withLock { $0 }.map { $0.replacing(/^layers\.\d+\.(?:\d+\.)?/, with: "layers.N.") })
    let tensors = names.filter { $0.hasPrefix("layers.") || $0.hasPrefix("output.") }
    let page = try Self.names()
    let written = page.matches(of: /`((?:layers\.N|output)\.[a-z0-9_.]+)`/).map { String($0.1) }
    #expect(tensors == Set(written))
    #expect(names.subtracting(tensors) == ["indices", "labels", "inputs", "probe.json"])
    for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
  }

  @Test("named networks have the names that the page says")
  func namedNetworks() throws {
    let page = try Self.names()
    let image = SampleShape.image(height: 8, width: 8, channels: 1)
    for architecture in [
      Architecture.linear, .mlp(MultilayerPerceptron(hidden: [4], normalization: .layer)),
      .cnn(ConvolutionalNetwork(channels: [4], hidden: [4], normalization: .batch)),
      .resnet(ResidualNetwork(stem: 4, stages: [4, 6])),
      .vit(VisionTransformer(patch: 4, width: 4, depth: 1, heads: 1)),
      .efficientnet(
        EfficientNetwork(stem: 4, stages: [.init(expansion: 2, channels: 4, repeats: 1)], head: 4)),
    ] {
      let network = try Network<Float>(architecture, input: image, classes: 3)
      for tensor in network.tensors {
        let name = tensor.name.replacing(/\.(?:weight|bias)$/, with: "")
          .replacing(/\.\d+/, with: ".N", maxReplacements: 1)
        #expect(page.contains("`\(name)`"), "\(tensor.name)")
      }
    }
  }

  @Test("every layer is in the table")
  func layers() throws {
    let text = try Self.text()
    // What the reader allows is what the page lists.
    let error = try #require(throws: SpecificationError.self) {
      try MeasurementSpecification(
        json: JSONValue(
          parsing:
            #"{"dataset": {"name": "mnist"}, "model": {"kind": "sequential", "layers": [{"kind": ""}]}}"#.utf8
        ))
    }
    let allowed = try #require(error.faults.first).allowed
    let kinds = allowed.replacing("one of ", with: "").split(separator: ", ")
    #expect(kinds.count == 22)
    for kind in kinds { #expect(text.contains("`\(kind)`"), "\(kind)") }
  }
}
