import Capacity
import Datasets
import Foundation
import Synchronization
import Testing

/// A network that was saved, confirmed by NumPy: a forward pass written out there, on what the archive alone holds.
@Suite struct TrainedNetworkTests {
  private func save(_ specification: String, samples: Int) throws -> (result: ProbeResult, npz: Data) {
    let specification = try MeasurementSpecification(json: JSONValue(parsing: specification.utf8))
    let library = DatasetLibrary(directory: FileManager.default.temporaryDirectory)
    let saved = Mutex<Data?>(nil)
    let results = try LocalMeasurement(specification: specification, library: library, workers: 1)
      .run(sizes: [samples], replicates: 1) { network in
        let npz = try network.npz()
        saved.withLock { $0 = npz }
      }
    return (try #require(results.first), try #require(saved.withLock { $0 }))
  }

  /// Runs a Python script on the archive; nil where there is no NumPy.
  private func python(_ script: String, _ npz: Data) throws -> JSONValue? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "saved-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let archive = folder.appending(path: "network.npz")
    try npz.write(to: archive)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      "import sys, json\ntry: import numpy\nexcept ImportError: sys.exit(77)\na = numpy.load(sys.argv[1])\n"
        + script,
      archive.path,
    ]
    process.standardOutput = output
    do { try process.run() } catch { return nil }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus == 77 { return nil }
    #expect(process.terminationStatus == 0)
    return try JSONValue(parsing: text)
  }

  private let forward = """
    def batch_norm(z, name):
        axes = (1, -1) + (1,) * (z.ndim - 2)
        m, v, w, b = (a[name + s].astype("f8").reshape(axes) for s in (".running_mean", ".running_var", ".weight", ".bias"))
        return (z - m) / numpy.sqrt(v + 1e-5) * w + b
    def linear(x, name):
        y = x @ a[name + ".weight"].astype("f8").T
        return y + a[name + ".bias"] if name + ".bias" in a else y
    def report(logits):
        own = logits[numpy.arange(len(logits)), a["labels"]]
        logits[numpy.arange(len(logits)), a["labels"]] = -numpy.inf
        margins = own - logits.max(axis=1)
        print(json.dumps({"fit": int((margins > 0).sum()), "hardest": float(margins.min()), "samples": len(margins)}))
    """

  @Test func aPerceptronsFitIsConfirmed() throws {
    let (result, npz) = try save(
      """
      {"dataset": {"name": "prototypes", "height": 5, "width": 6, "channels": 2, "classes": 3, "difficulty": 2},
       "labels": {"kind": "random"}, "model": {"kind": "mlp", "hidden": [16]}}
      """, samples: 80)
    #expect(result.outcome == .fit)
    guard
      let found = try python(
        forward + """

          assert a["inputs"].shape == (80, 2, 5, 6) and a["indices"].tolist() == list(range(80))
          assert json.loads(a["probe.json"])["samples"] == 80
          hidden = numpy.maximum(linear(a["inputs"].reshape(80, -1).astype("f8"), "fc.0"), 0)
          report(linear(hidden, "fc.1"))
          """, npz)
    else { return print("skipped: no NumPy") }
    #expect(found["fit"] == .integer(80) && found["samples"] == .integer(80))
  }

  @Test func aFailuresErrorsAndMarginsAreConfirmedThroughConvolutionsAndBatchNorms() throws {
    let (result, npz) = try save(
      """
      {"dataset": {"name": "prototypes", "height": 6, "width": 6, "channels": 2, "classes": 3, "difficulty": 2},
       "labels": {"kind": "random"}, "training": {"max_steps": 330, "optimizer": {"kind": "sgd", "learning_rate": 0.02}},
       "model": {"kind": "cnn", "channels": [6], "hidden": [24], "normalization": "batch"}}
      """, samples: 120)
    guard
      let found = try python(
        forward + """

          x = numpy.pad(a["inputs"].astype("f8"), ((0, 0), (0, 0), (1, 1), (1, 1)))
          names = sorted(k[:-len(".running_mean")] for k in a if k.endswith(".running_mean"))
          kernel = next(k for k in a if a[k].ndim == 4 and k != "inputs")
          w = a[kernel].astype("f8")
          z = sum(numpy.einsum("nchw,oc->nohw", x[:, :, i:i + 6, j:j + 6], w[:, :, i, j]) for i in range(3) for j in range(3))
          image = next(n for n in names if len(a[n + ".weight"]) == 6)
          z = numpy.maximum(batch_norm(z, image), 0)
          z = z.reshape(120, 6, 3, 2, 3, 2).max(axis=(3, 5)).reshape(120, -1)
          dense = [k[:-len(".weight")] for k in a if k.endswith(".weight") and a[k].ndim == 2]
          first = next(n for n in dense if a[n + ".weight"].shape[1] == 54)
          last = next(n for n in dense if a[n + ".weight"].shape[0] == 3)
          report(linear(numpy.maximum(linear(z, first), 0), last))
          """, npz)
    else { return print("skipped: no NumPy") }
    let accuracy = try #require(result.json["training_accuracy"]?.doubleValue)
    #expect(found["fit"]?.integerValue == Int((accuracy * 120).rounded()))
    let few = result.json["diagnosis"]?.arrayValue?.first { $0["code"] == .string("few_samples_left") }
    if let margin = few?["samples"]?.arrayValue?.first?["margin"]?.doubleValue {
      #expect(abs(try #require(found["hardest"]?.doubleValue) - margin) < 1e-3)
    }
  }
}
