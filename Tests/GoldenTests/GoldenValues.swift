import Compute
import Foundation
import Networks
import Testing

/// Networks against the values that PyTorch computes for them in double precision.
@Suite struct GoldenValues {
  @Test func everyCaseIsRun() throws {
    let cases = try GoldenCase.all()
    print("golden cases run: \(cases.count) from \(GoldenCase.directory.path)")
    #expect(!cases.isEmpty, "no golden file in \(GoldenCase.directory.path)")
  }

  /// A file that is put into the folder is a case more, whatever its name; one that can't be read is an error.
  @Test func addedCasesAreFound() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "emc-golden-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: GoldenCase.directory, to: folder)
    let cases = try GoldenCase.all(in: folder)
    #expect(cases.map(\.name) == (try GoldenCase.all()).map(\.name))
    let first = try #require(cases.first)
    var document = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "\(first.name).json")))
        as? [String: Any])
    document["name"] = "added"
    try JSONSerialization.data(withJSONObject: document).write(to: folder.appending(path: "zz new.json"))
    let more = try GoldenCase.all(in: folder)
    #expect(more.map(\.name) == cases.map(\.name) + ["added"])
    let added = try #require(more.last)
    #expect(added.parameterCount == first.parameterCount && added.loss == first.loss)
    try Data("{}".utf8).write(to: folder.appending(path: "empty.json"))
    #expect(throws: DecodingError.self) { try GoldenCase.all(in: folder) }
  }

  @Test(arguments: try GoldenCase.all())
  func namesShapesAndCount(golden: GoldenCase) throws {
    let network = try GoldenNetwork<Double>(golden).network
    #expect(network.parameterCount == golden.parameterCount)
    #expect(Set(network.tensors.map(\.name)) == Set(golden.parameters.keys))
    for tensor in network.tensors { #expect(tensor.shape == golden.parameters[tensor.name]?.shape) }
  }

  @Test(arguments: try GoldenCase.all())
  func logitsLossAndGradient(golden: GoldenCase) throws {
    let network = try GoldenNetwork<Double>(golden)
    let (summary, gradient) = network.lossAndGradient()
    let logits = network.workspace.logits.array
    let worst = zip(logits, golden.logits.values).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-9 * golden.logits.scale)
    #expect(abs(summary.lossSum / Double(network.count) - golden.loss) <= 1e-9 * golden.loss)
    for (name, error) in network.worstErrors(gradient, golden.gradient) {
      #expect(error <= 1e-9, "\(golden.name) \(name)")
    }
  }

  @Test(arguments: try GoldenCase.all())
  func hessianVectorProduct(golden: GoldenCase) throws {
    let network = try GoldenNetwork<Double>(golden)
    let direction = Buffer<Double>(count: network.network.parameterCount)
    network.load(golden.vector, into: direction)
    let (product, gradient) = network.hessianVectorProduct(direction)
    for (name, error) in network.worstErrors(product, golden.hessianVectorProduct) {
      #expect(error <= 1e-8, "\(golden.name) \(name)")
    }
    for (name, error) in network.worstErrors(gradient, golden.gradient) {
      #expect(error <= 1e-9, "\(golden.name) \(name)")
    }
  }

  /// The dense Hessian, column by column, and LAPACK's eigenvalues of it.
  @Test(arguments: try GoldenCase.all())
  func hessianSpectrum(golden: GoldenCase) throws {
    let network = try GoldenNetwork<Double>(golden)
    let n = network.network.parameterCount
    let hessian = Buffer<Double>(count: n * n)
    let direction = Buffer<Double>(count: n)
    for column in 0..<n {
      direction[column] = 1
      let product = network.hessianVectorProduct(direction).product
      (hessian.pointer + column * n).update(from: product.pointer, count: n)
      direction[column] = 0
    }
    let scale = Double.largestMagnitude(n * n, hessian.pointer)
    for i in 0..<n {
      for j in 0..<i { #expect(abs(hessian[i * n + j] - hessian[j * n + i]) <= 1e-10 * scale) }
    }
    let eigenvalues = Buffer<Double>(count: n)
    #expect(Double.symmetricEigen(n, matrix: hessian.pointer, eigenvalues: eigenvalues.pointer))
    let exact = golden.hessianEigenvalues
    let largest = (exact.smallest + exact.largest).map(\.magnitude).max() ?? 0
    for (i, value) in exact.smallest.enumerated() {
      #expect(abs(eigenvalues[i] - value) <= 1e-5 * largest)
    }
    for (i, value) in exact.largest.enumerated() {
      #expect(abs(eigenvalues[n - exact.largest.count + i] - value) <= 1e-5 * largest)
    }
  }

  /// In single precision: logits to 1e-5 of the largest, the loss to 1e-5 of itself, gradients to 1e-4 of the
  /// tensor's largest entry and products to 1e-3.
  @Test(arguments: try GoldenCase.all())
  func singlePrecision(golden: GoldenCase) throws {
    let network = try GoldenNetwork<Float>(golden)
    let (summary, gradient) = network.lossAndGradient()
    let logits = network.workspace.logits.array
    let worst = zip(logits, golden.logits.values).map { abs(Double($0) - $1) }.max() ?? .infinity
    #expect(worst <= 1e-5 * golden.logits.scale)
    #expect(abs(summary.lossSum / Double(network.count) - golden.loss) <= 1e-5 * golden.loss)
    for (name, error) in network.worstErrors(gradient, golden.gradient) {
      #expect(error <= 1e-4, "\(golden.name) \(name)")
    }
    let direction = Buffer<Float>(count: network.network.parameterCount)
    network.load(golden.vector, into: direction)
    for (name, error) in network.worstErrors(
      network.hessianVectorProduct(direction).product, golden.hessianVectorProduct)
    {
      #expect(error <= 1e-3, "\(golden.name) \(name)")
    }
  }
}

extension GoldenCase: CustomTestStringConvertible {
  var testDescription: String { name }
}
